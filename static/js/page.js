/* Progressive enhancement shared by all pages. Every page works without this file. */
(function () {
  "use strict";
  var root = document.documentElement;

  /* htmx: send the CSRF token with every request. */
  document.addEventListener("htmx:configRequest", function (event) {
    var token = document.body.dataset.csrf;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });
  /* 286 stops polling; its content is still shown. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status === 286) event.detail.shouldSwap = true;
  });

  /* Menus close on Escape and on a click elsewhere. */
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    if (window.speechSynthesis) window.speechSynthesis.cancel();
  });

  /* A button with its reason is announced, not pressed. */
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-disabled]")) event.preventDefault();
  });

  /* A form is sent once. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  /* Print buttons */
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  /* Copy */
  function armCopy(scope) {
    if (!navigator.clipboard) return;
    scope.querySelectorAll("[data-copy]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var text = button.parentElement.querySelector("[data-copy-text]").textContent.trim();
        navigator.clipboard.writeText(text).then(function () { button.classList.add("is-copied"); });
      });
    });
  }

  /* ID number: grouped 6 8 4 as typed; the server takes it with or without spaces. */
  function group(text) {
    var bare = text.replace(/[^0-9xX]/g, "").toUpperCase().slice(0, 18);
    return [bare.slice(0, 6), bare.slice(6, 14), bare.slice(14)].filter(Boolean).join(" ");
  }
  function armIdNumbers(scope) {
    scope.querySelectorAll("[data-id-number]").forEach(function (box) {
      box.value = group(box.value);
      box.addEventListener("input", function (event) {
        if (event.isComposing) return;
        var atEnd = box.selectionStart === box.value.length;
        var grouped = group(box.value);
        if (atEnd && grouped !== box.value) box.value = grouped;
      });
      box.addEventListener("blur", function () { box.value = group(box.value); });
    });
  }

  /* Errors: the summary takes the focus. */
  var summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  /* File: name and size of what was chosen; large photos are made smaller. */
  var LONGEST = 2200;
  function shrink(box, file, say) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 1.5e6 || !window.createImageBitmap || !window.DataTransfer) return;
    createImageBitmap(file).then(function (picture) {
      var scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) {
        if (!blob || blob.size >= file.size) return;
        var smaller = new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
        var transfer = new DataTransfer();
        transfer.items.add(smaller);
        box.files = transfer.files;
        say(smaller);
      }, "image/jpeg", 0.85);
    }, function () {});
  }
  function armFiles(scope) {
    scope.querySelectorAll("[data-file]").forEach(function (frame) {
      var box = frame.querySelector("input[type=file]");
      var line = frame.querySelector("[data-file-name]");
      frame.classList.add("is-live");
      function say(file) { line.textContent = file.name + " · " + Math.max(1, Math.round(file.size / 1024)) + " KB"; }
      box.addEventListener("change", function () {
        if (!box.files.length) { line.textContent = ""; return; }
        say(box.files[0]);
        shrink(box, box.files[0], say);
      });
    });
  }

  /* Signature: drawn on a canvas, kept as PNG; typing the name stays possible. */
  function armSignatures(scope) {
    scope.querySelectorAll("[data-signature]").forEach(function (frame) {
      var pad = frame.querySelector("[data-signature-pad]");
      var value = frame.querySelector("[data-signature-value]");
      var tools = frame.querySelector("[data-signature-tools]");
      var pen = pad.getContext && pad.getContext("2d");
      if (!pen || (value.value && value.value.indexOf("data:") !== 0)) return;
      var drawing = false, typed = false;
      function face() { pad.hidden = typed; tools.hidden = typed; value.classList.toggle("visually-hidden", !typed); value.tabIndex = typed ? 0 : -1; }
      function clear() { pen.clearRect(0, 0, pad.width, pad.height); value.value = ""; }
      function at(event) {
        var box = pad.getBoundingClientRect();
        return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
      }
      pen.lineWidth = 7; pen.lineCap = "round"; pen.lineJoin = "round"; pen.strokeStyle = "#16202a";
      pad.addEventListener("pointerdown", function (event) {
        drawing = true; pad.setPointerCapture(event.pointerId);
        var p = at(event); pen.beginPath(); pen.moveTo(p[0], p[1]); pen.lineTo(p[0] + 0.1, p[1]); pen.stroke();
      });
      pad.addEventListener("pointermove", function (event) {
        if (!drawing) return;
        var p = at(event); pen.lineTo(p[0], p[1]); pen.stroke();
      });
      function end() { if (!drawing) return; drawing = false; value.value = pad.toDataURL("image/png"); }
      pad.addEventListener("pointerup", end);
      pad.addEventListener("pointercancel", end);
      frame.querySelector("[data-signature-clear]").addEventListener("click", clear);
      frame.querySelector("[data-signature-type]").addEventListener("click", function () { clear(); typed = true; face(); value.focus(); });
      face();
    });
  }

  /* Kiosk: 低位模式 */
  document.querySelectorAll("[data-low]").forEach(function (span) {
    if (span === root) return;
    var button = span.querySelector("button");
    if (!button) return;
    span.hidden = false;
    function show(low) {
      if (low) root.setAttribute("data-low", ""); else root.removeAttribute("data-low");
      button.setAttribute("aria-pressed", low ? "true" : "false");
    }
    show(window.sessionStorage && sessionStorage.getItem("low") === "1");
    button.addEventListener("click", function () {
      var low = !root.hasAttribute("data-low");
      show(low);
      try { sessionStorage.setItem("low", low ? "1" : "0"); } catch (refused) { /* private mode */ }
    });
  });

  /* 朗读: the browser's own voice. */
  function armSpeech(scope) {
    var voice = window.speechSynthesis;
    if (!voice || !window.SpeechSynthesisUtterance) return;
    function say(text, part, done) {
      voice.cancel();
      var words = new SpeechSynthesisUtterance(text);
      words.lang = root.lang === "en" ? "en-GB" : "zh-CN";
      words.rate = root.hasAttribute("data-elder") ? 0.85 : 0.95;
      words.onend = words.onerror = function () { if (part) part.classList.remove("is-speaking"); if (done) done(); };
      if (part) part.classList.add("is-speaking");
      voice.speak(words);
    }
    function textOf(node) {
      var copy = node.cloneNode(true);
      copy.querySelectorAll("script, noscript, canvas, svg, [hidden], .yz-speak, .yz-change, details:not([open]) > :not(summary)").forEach(function (gone) { gone.remove(); });
      return copy.textContent.replace(/\s+/g, " ").trim();
    }
    scope.querySelectorAll("[data-speak-page]").forEach(function (span) {
      span.hidden = false;
      var button = span.querySelector("button");
      button.addEventListener("click", function () {
        if (button.getAttribute("aria-pressed") === "true") { voice.cancel(); button.setAttribute("aria-pressed", "false"); return; }
        button.setAttribute("aria-pressed", "true");
        say(textOf(document.getElementById("main")), null, function () { button.setAttribute("aria-pressed", "false"); });
      });
    });
    scope.querySelectorAll("[data-speak-block]").forEach(function (button) {
      button.hidden = false;
      var part = button.parentElement.querySelector("[data-spoken-text]");
      button.addEventListener("click", function () { say(textOf(part), part); });
    });
    window.addEventListener("pagehide", function () { voice.cancel(); });
  }

  function arm(scope) { armCopy(scope); armIdNumbers(scope); armFiles(scope); armSignatures(scope); }
  arm(document);
  armSpeech(document);
  document.addEventListener("htmx:afterSwap", function (event) { arm(event.detail.elt); });
})();
