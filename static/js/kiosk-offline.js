/* 断网: shows what was opened in this visit and lies in this tab, until it is ended or two minutes
   have passed without a touch. What is kept has no name and no ID number; nothing is sent from here. */
(function () {
  "use strict";
  var body = document.body, KEY = "yz-held", SILENT = 120, left = SILENT;
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function show(selector, wanted) { all(selector).forEach(function (part) { part.hidden = !wanted; }); }

  function kept() {
    try {
      var held = JSON.parse(sessionStorage.getItem(KEY) || "null");
      return held && held.until > Date.now() ? held : null;
    } catch (broken) { return null; }
  }
  function forget() {
    try { sessionStorage.removeItem(KEY); } catch (refused) { /* nothing is kept then either */ }
  }

  function fill(held) {
    document.querySelector("[data-ticket]").textContent = held.ticket;
    document.querySelector("[data-code]").textContent = held.code;
    document.querySelector("[data-qr]").src = held.qr;
    var list = document.querySelector("[data-lines]");
    list.textContent = "";
    held.lines.forEach(function (line) {
      var row = document.createElement("div"), head = document.createElement("dt"), text = document.createElement("dd");
      if (line[2]) row.className = "yz-paper-only";
      head.textContent = line[0];
      text.textContent = line[1];
      row.append(head, text);
      list.append(row);
    });
    show("[data-open]", !held.registered);
    show("[data-registered]", held.registered);
  }

  function draw() {
    var held = kept();
    show("[data-empty]", !held);
    show("[data-kept]", !!held);
    show("[data-paper]", !!held);
    show("[data-leave]", !!held);
    if (held) fill(held);
    else forget();
    return held;
  }

  /* The first screen and the way out end the visit, here and, as soon as it answers, on the server. */
  var ended = [body.dataset.start, body.dataset.end].indexOf(location.pathname) >= 0;
  if (ended) forget();
  draw();

  document.querySelector("[data-paper]").addEventListener("click", function () { window.print(); });
  ["pointerdown", "keydown"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      left = SILENT;
      var held = kept();
      if (!held) return;
      held.until = Date.now() + SILENT * 1000;
      sessionStorage.setItem(KEY, JSON.stringify(held));
    }, { passive: true });
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) draw(); });

  var again = document.querySelector("[data-again]");
  function back() {
    fetch(body.dataset.beat, { cache: "no-store", credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) return;
      if (!kept()) { location.replace(body.dataset.end); return; }
      again.hidden = false;
      document.querySelector("[data-waits]").hidden = true;
    }, function () { again.hidden = true; document.querySelector("[data-waits]").hidden = false; });
  }
  window.addEventListener("online", back);
  window.setInterval(function () {
    left -= 1;
    if (left <= 0) { forget(); draw(); left = SILENT; }
    if (left % 10 === 0) back();
  }, 1000);
})();
