/* Where somebody signs in, the list of households that a phone kept for the day is forgotten.
   What was filled in and not sent yet stays: only its own writer can send it. */
(function () {
  "use strict";
  if (!window.indexedDB) return;
  var ask = indexedDB.open("yz-visit");
  ask.onupgradeneeded = function () { ask.transaction.abort(); };
  ask.onerror = function (event) { event.preventDefault(); };
  ask.onsuccess = function () {
    var base = ask.result;
    if (base.objectStoreNames.contains("day")) {
      var change = base.transaction("day", "readwrite");
      change.objectStore("day").delete("list");
      change.oncomplete = function () { base.close(); };
    } else {
      base.close();
    }
  };
})();
