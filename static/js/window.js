/* Keys, reader and keeping at the window. Every page works without this file: each key is a button. */
(function () {
  "use strict";

  /* -- Keys: the line of keys on the page says which there are, and for what ------------------- */
  var targets = {};
  document.querySelectorAll("[data-keys] [data-for]").forEach(function (key) {
    var target = document.getElementById(key.dataset.for);
    if (!target) { key.parentElement.hidden = true; return; }
    targets[key.textContent.trim()] = target;
    target.setAttribute("aria-keyshortcuts", key.textContent.trim());
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    var target = targets[event.key];
    if (!target) return;
    event.preventDefault();
    if (event.repeat) return;
    target.focus();
    /* a signature is never recorded by a key alone: the key only leads to its button */
    if (!target.hasAttribute("data-focus-only")) keepAll().then(function () { target.click(); });
  });

  /* -- The reader types into the box of the number (docs/runbooks/id-reader.md) ----------------- */
  var NUMBER = /(^|[^0-9])([1-9][0-9]{5} ?[0-9]{8} ?[0-9]{3}[0-9Xx])(?![0-9A-Za-z])/;
  var NAME = /^[^0-9\s|,;:=#]{1,30}$/;

  function narrow(text) {
    return text.replace(/[\uff01-\uff5e]/g, function (sign) {
      return String.fromCharCode(sign.charCodeAt(0) - 0xfee0);
    }).replace(/\u3000/g, " ");
  }
  function nameIn(text) {
    var bare = text.replace(/(公民身份号码|公民身份证号码|身份证号码|身份证号|证件号码|号码|\bIDNUM|\bID)\s*[:=]\s*/gi, "|");
    var named = /(?:姓名|名字|NAME)\s*[:=]\s*([^|,;\t\n#]+)/i.exec(bare);
    if (named) return named[1].trim();
    var parts = bare.split(/[|,;\t\n\r#、，；]+/).map(function (part) { return part.trim(); });
    var first = parts.filter(Boolean)[0] || "";
    return NAME.test(first) ? first : "";
  }
  function group(number) { return number.slice(0, 6) + " " + number.slice(6, 14) + " " + number.slice(14); }

  var box = document.querySelector("[data-card]");
  var nameBox = document.getElementById("id_name");
  function takeCard(atEnter) {
    var raw = narrow(box.value);
    var hit = NUMBER.exec(raw);
    if (!hit) {
      /* some readers send the name first, on a line of its own */
      if (atEnter && NAME.test(raw.trim())) { nameBox.value = raw.trim(); box.value = ""; return "name"; }
      return "";
    }
    var rest = raw.replace(hit[2], "|");
    var name = nameIn(rest);
    if (name) nameBox.value = name;
    box.value = group(hit[2].replace(/ /g, "").toUpperCase());
    return "number";
  }
  if (box && nameBox) {
    box.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || event.isComposing) return;
      var taken = takeCard(true);
      var next = !nameBox.value ? nameBox : document.getElementById("id_phone");
      /* the reader's own Enter never sends a half-filled form */
      if (taken || !nameBox.value) event.preventDefault();
      if (taken === "number") next.focus();
    });
    box.addEventListener("change", function () { takeCard(false); });
  }

  /* -- Keeping what is typed: neither a lost session nor F4 loses a field ----------------------- */
  var kept = document.querySelector("[data-kept]");
  var unkept = document.querySelector("[data-unkept]");
  var waiting = new Map();

  /* who signed in again on another page has a new token: this page's forms go on with it */
  function freshen() {
    var found = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    if (!found) return;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (box) { box.value = found[1]; });
  }
  function fieldsOf(form) { freshen(); return new FormData(form); }
  function send(form) {
    waiting.delete(form);
    return fetch(form.dataset.keep, { method: "POST", body: fieldsOf(form), credentials: "same-origin", redirect: "manual" })
      .then(function (answer) { return answer.status === 204; }, function () { return false; })
      .then(function (good) {
        if (kept) kept.hidden = !good;
        if (unkept) unkept.hidden = good;
      });
  }
  function keepAll() {
    var open = Array.from(waiting.keys());
    open.forEach(function (form) { window.clearTimeout(waiting.get(form)); });
    return Promise.all(open.map(send));
  }
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (!form || !form.dataset.keep) return;
    window.clearTimeout(waiting.get(form));
    waiting.set(form, window.setTimeout(send, 500, form));
  });
  document.addEventListener("submit", function (event) {
    /* what is being sent need not be kept; the other forms' boxes are */
    freshen();
    window.clearTimeout(waiting.get(event.target));
    waiting.delete(event.target);
    keepAll();
  });
  window.addEventListener("pagehide", function () {
    waiting.forEach(function (timer, form) {
      window.clearTimeout(timer);
      if (navigator.sendBeacon) navigator.sendBeacon(form.dataset.keep, fieldsOf(form));
    });
  });

  /* A poll that meets an ended session would lead the page away from what is being typed. */
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    if (!unkept || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    unkept.hidden = false;
    if (kept) kept.hidden = true;
  });

  /* -- Somebody has signed on the second screen ------------------------------------------------- */
  document.addEventListener("window-signed", function () {
    keepAll().then(function () { window.location.reload(); });
  });

  var outlook = document.querySelector("[data-focus]");
  if (outlook) outlook.focus();
})();
