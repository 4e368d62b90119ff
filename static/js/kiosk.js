/* Kiosk: the keypad on the screen, and the polite time-out (90 s silent, ask 30 s, clear).
   Without this file the keypad does nothing and the hardware keyboard still works. */
(function () {
  "use strict";

  var root = document.documentElement, machine = document.querySelector("[data-kiosk]");
  function tidy(act) { try { act(window.sessionStorage); } catch (refused) { /* nothing is kept then */ } }

  /* What the last person chose or opened is gone on the first screen; a page out of the browser's
     own memory is asked for anew. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) window.location.reload(); });
  if (machine) {
    var first = window.location.pathname === machine.dataset.scope;
    if (first) {
      tidy(function (kept) {
        kept.removeItem("yz-held");
        if (!document.referrer || new URL(document.referrer).pathname === machine.dataset.scope) return;
        kept.removeItem("low");
        root.removeAttribute("data-low");
        document.querySelectorAll("span[data-low] button").forEach(function (button) { button.setAttribute("aria-pressed", "false"); });
      });
    }
    var opened = document.getElementById("kiosk-held");
    var touched = false, hold = function () {
      touched = true;
      if (!opened) return;
      tidy(function (kept) {
        var held = JSON.parse(opened.textContent);
        held.until = Date.now() + 150000;
        kept.setItem("yz-held", JSON.stringify(held));
      });
    };
    hold();
    ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, hold, { passive: true }); });
    if (navigator.serviceWorker) navigator.serviceWorker.register(machine.dataset.worker, { scope: machine.dataset.scope }).catch(function () {});
    /* A sign of life twice a minute; with a touch since the last one the visit goes on, too. */
    window.setInterval(function () {
      window.fetch(machine.dataset.beat + (touched ? "?here=1" : ""), { cache: "no-store", credentials: "same-origin" }).catch(function () {});
      touched = false;
    }, 30000);
    /* A first screen that somebody left large, low or in English becomes the usual one by itself. */
    if (first) {
      var quiet = 0;
      ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, function () { quiet = 0; }, { passive: true }); });
      window.setInterval(function () {
        quiet += 1;
        var changed = root.hasAttribute("data-low") || root.hasAttribute("data-elder") || root.hasAttribute("data-size") || root.lang === "en";
        if (quiet !== 90 || !changed) return;
        tidy(function (kept) { kept.clear(); });
        window.location.replace(machine.dataset.end);
      }, 1000);
    }
  }

  document.querySelectorAll("[data-keypad]").forEach(function (pad) {
    var box = document.getElementById(pad.dataset.keypad);
    if (!box) return;
    pad.addEventListener("click", function (event) {
      var key = event.target.closest("button");
      if (!key) return;
      var most = box.maxLength > 0 ? box.maxLength : 99;
      if (key.dataset.key === "clear") box.value = "";
      else if (key.dataset.key === "back") box.value = box.value.slice(0, -1);
      else if (box.value.length < most) box.value += key.dataset.key;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  /* 揭晓: the plate's signs roll and settle one after another within five seconds; a touch ends it.
     The result was fixed long before; under reduced motion, or without this file, it just stands
     there. */
  document.querySelectorAll("[data-drum] .yz-plate-number").forEach(function (plate) {
    var result = plate.textContent, drum = plate.closest("[data-drum]");
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    var signs = "0123456789", began = Date.now(), LASTS = 4800;
    var hint = document.querySelector("[data-skip]");
    var spoken = document.createElement("span");
    spoken.className = "vh";
    spoken.textContent = result;
    plate.after(spoken);
    plate.setAttribute("aria-hidden", "true");
    drum.classList.add("is-rolling");
    function settle() {
      window.clearInterval(timer);
      plate.textContent = result;
      plate.removeAttribute("aria-hidden");
      spoken.remove();
      drum.classList.remove("is-rolling");
      document.removeEventListener("pointerdown", settle);
      document.removeEventListener("keydown", settle);
      if (hint) hint.hidden = true;
    }
    function roll() {
      var share = (Date.now() - began) / LASTS;
      if (share >= 1) return settle();
      var fixed = Math.floor(share * result.length);
      plate.textContent = Array.prototype.map.call(result, function (sign, at) {
        return at < fixed || !/[0-9]/.test(sign) ? sign : signs[(at * 7 + Math.floor(Date.now() / 60)) % 10];
      }).join("");
    }
    var timer = window.setInterval(roll, 60);
    document.addEventListener("pointerdown", settle);
    document.addEventListener("keydown", settle);
    if (hint) hint.hidden = false;
    roll();
  });

  var dialog = document.querySelector("[data-idle]");
  if (!dialog || !dialog.showModal || !dialog.dataset.idle) return;
  var SILENT = 90, ASK = 30, left = SILENT, asking = false;
  var count = dialog.querySelector("[data-idle-left]");
  function awake() {
    left = SILENT;
    if (asking) { asking = false; dialog.close(); }
  }
  ["pointerdown", "keydown", "touchstart"].forEach(function (kind) { document.addEventListener(kind, awake, { passive: true }); });
  dialog.addEventListener("close", function () { asking = false; left = SILENT; });
  window.setInterval(function () {
    left -= 1;
    if (!asking && left <= 0) { asking = true; left = ASK; count.textContent = ASK; dialog.showModal(); return; }
    if (!asking) return;
    if (left % 5 === 0) count.textContent = Math.max(left, 0);
    if (left <= 0) window.location.replace(dialog.dataset.idle);
  }, 1000);
})();
