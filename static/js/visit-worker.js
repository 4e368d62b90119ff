/* The service worker of 入户核实. Pages come from the network; where there is none, the offline page
   that holds nobody's data. Styles and scripts are kept and renewed behind the scenes. Nothing else
   is kept here: households, drafts and photos lie in IndexedDB, where static/js/visit.js wipes them.
   self.YZ (shell, scope, assets, version) is written in front of this file by the server. */
"use strict";
var YZ = self.YZ, KEPT = "yz-visit-" + YZ.version, PATIENCE = 8000;

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(KEPT).then(function (kept) {
    return kept.addAll(YZ.assets.concat([YZ.shell]).map(function (address) {
      return new Request(address, { cache: "reload", credentials: "same-origin" });
    }));
  }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf("yz-visit-") === 0 && name !== KEPT;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

function shell() {
  return caches.match(YZ.shell, { ignoreVary: true }).then(function (page) { return page || Response.error(); });
}

function page(request) {
  var late = new Promise(function (done) { setTimeout(function () { done(null); }, PATIENCE); });
  return Promise.race([fetch(request), late]).then(function (answer) { return answer || shell(); }, shell);
}

function asset(request) {
  return caches.match(request, { ignoreVary: true }).then(function (known) {
    var fresh = fetch(request).then(function (answer) {
      if (answer.ok) {
        var copy = answer.clone();
        caches.open(KEPT).then(function (kept) { kept.put(request, copy); });
      }
      return answer;
    });
    if (!known) return fresh;
    fresh.catch(function () {});
    return known;
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname.indexOf(YZ.scope) === 0) event.respondWith(page(request));
  else if (YZ.assets.indexOf(address.pathname) >= 0) event.respondWith(asset(request));
});
