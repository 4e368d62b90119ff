/* 入户核实 on a phone: the day's list, drafts and photos stay here until they are sent, once.
   The pages work without this file as plain forms. IndexedDB cannot be encrypted with a key that the
   phone does not hold too; so it keeps only what finds the door, and forgets: the list when somebody
   signs out or signs in, when another person comes, and at the end of the day; a record and its
   photos as soon as the server has taken them. */
(function () {
  "use strict";
  var app = document.querySelector("[data-visit-app]");
  if (!app || !window.indexedDB || !window.fetch || !window.crypto || !crypto.subtle) return;
  var english = document.documentElement.lang === "en";
  var shell = document.body.hasAttribute("data-visit-shell");
  var form = document.querySelector("[data-visit-form]");
  var needs = JSON.parse(app.dataset.needs);
  var LIST = app.dataset.list, AGAIN = 20000, LONGEST = 2200, QUALITY = 0.85;
  var NOT_KEPT = ["photos", "csrfmiddlewaretoken", "key", "ago"];
  var owner = app.dataset.owner, token = "", running = null, warned = false, leaving = false;
  var mine = null; // the draft of this page's form

  function words(chinese, plain) { return english ? plain : chinese; }

  /* -- What is kept here ------------------------------------------------------------------- */
  var base = new Promise(function (done, fail) {
    var ask = indexedDB.open("yz-visit", 1);
    ask.onupgradeneeded = function () {
      ask.result.createObjectStore("day");
      ask.result.createObjectStore("drafts", { keyPath: "ref" });
      ask.result.createObjectStore("photos", { keyPath: "id" }).createIndex("ref", "ref");
    };
    ask.onsuccess = function () { done(ask.result); };
    ask.onerror = function () { fail(ask.error); };
  });

  function kept(name, mode, act) {
    return base.then(function (open) {
      return new Promise(function (done, fail) {
        var change = open.transaction(name, mode), asked = act(change.objectStore(name));
        change.oncomplete = function () { done(asked && asked.result); };
        change.onerror = change.onabort = function () { fail(change.error); };
      });
    });
  }
  function get(name, key) { return kept(name, "readonly", function (store) { return store.get(key); }); }
  function all(name) { return kept(name, "readonly", function (store) { return store.getAll(); }); }
  function put(name, value, key) { return kept(name, "readwrite", function (store) { return key ? store.put(value, key) : store.put(value); }); }
  function drop(name, key) { return kept(name, "readwrite", function (store) { return store.delete(key); }); }
  function photosOf(ref) { return kept("photos", "readonly", function (store) { return store.index("ref").getAll(ref); }); }
  function forgetList() { return drop("day", "list"); }
  function forgetDraft(ref) {
    return photosOf(ref).then(function (photos) {
      return Promise.all(photos.map(function (one) { return drop("photos", one.id); }));
    }).then(function () { return drop("drafts", ref); });
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    var b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = b[6] & 15 | 64; b[8] = b[8] & 63 | 128;
    var hex = hexOf(b.buffer);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  function hexOf(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
  }

  /* -- The server --------------------------------------------------------------------------- */
  function SignedOut() { this.signedOut = true; }
  function Refused(sentence) { this.sentence = sentence; }

  function ask(address, options) {
    options = options || {};
    options.credentials = "same-origin"; options.redirect = "manual"; options.cache = "no-store";
    options.headers = Object.assign({ "Accept": "application/json" }, options.headers);
    if (options.method === "POST") options.headers["X-CSRFToken"] = token;
    return fetch(address, options).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
      if (answer.status >= 500) throw new Error("server");
      return answer;
    });
  }
  function told(answer) { return answer.json().catch(function () { return {}; }); }

  /* The list anew, and with it who is signed in and a token that is good. */
  function renewDay() {
    return ask(app.dataset.day).then(function (answer) {
      if (!answer.ok) throw new SignedOut();
      return answer.json();
    }).then(function (day) {
      token = day.token; owner = day.owner;
      app.dataset.owner = owner;
      return put("day", owner, "owner").then(function () {
        return put("day", { owner: owner, until: Date.now() + day.seconds * 1000, rows: day.rows }, "list");
      });
    });
  }

  function post(address, body, headers) {
    return ask(address, { method: "POST", body: body, headers: headers || {} });
  }

  function upload(draft, photo) {
    var content = photo.content;
    return crypto.subtle.digest("SHA-256", content).then(function (digest) {
      return post(draft.parts, JSON.stringify({ size: content.byteLength, digest: hexOf(digest) }), { "Content-Type": "application/json" });
    }).then(function (answer) {
      return told(answer).then(function (now) {
        if (!answer.ok) throw new Refused(now.sentence || words("这张照片没有收下。", "This photo was not taken."));
        return now.done ? now : next(now, now.received);
      });
    });
    function next(place, at) {
      var end = at >= content.byteLength;
      var sent = end ? post(place.finish, "") : post(place.part, content.slice(at, at + place.step), { "Content-Type": "application/octet-stream", "X-Offset": String(at) });
      return sent.then(function (answer) {
        return told(answer).then(function (now) {
          if (answer.status === 409) return next(place, now.received);
          if (!answer.ok) throw new Refused(now.sentence || words("这张照片没有收下。", "This photo was not taken."));
          return now.done ? now : next(place, now.received);
        });
      });
    }
  }

  function sendPhotos(draft) {
    return photosOf(draft.ref).then(function (photos) {
      return photos.reduce(function (before, photo) {
        return before.then(function () {
          return upload(draft, photo).then(function () { return drop("photos", photo.id); }, function (stop) {
            if (!(stop instanceof Refused)) throw stop;
            draft.said = stop.sentence;
          });
        });
      }, Promise.resolve());
    }).then(function () { return photosOf(draft.ref); }).then(function (left) {
      if (!left.length) return drop("drafts", draft.ref);
      draft.state = "photos";
      return put("drafts", draft);
    });
  }

  function sendOne(ref) {
    return get("drafts", ref).then(function (draft) {
      if (!draft || draft.owner !== owner) return null;
      if (draft.state === "sent") return sendPhotos(draft).then(function () { return draft; });
      if (draft.state !== "queued") return null;
      var body = new FormData();
      Object.keys(draft.fields).forEach(function (name) { body.append(name, draft.fields[name]); });
      body.append("key", draft.key);
      body.append("ago", String(Math.max(0, Math.round((Date.now() - draft.filled) / 1000))));
      return post(LIST + ref + "/", body).then(function (answer) {
        return told(answer).then(function (now) {
          if (now.state === "recorded") {
            draft.state = "sent"; draft.parts = now.parts; draft.href = now.href; draft.said = "";
            return put("drafts", draft).then(function () { return sendPhotos(draft); });
          }
          if (answer.status === 403 && !now.state) throw new SignedOut();
          draft.state = now.state === "fix" ? "fix" : "conflict";
          draft.errors = now.errors || null;
          draft.said = now.sentence || (now.errors ? words("有几处要改。", "Some entries need a change.") : words("这一户不在您的名单里了，请找同事核对。", "This household is no longer on your list; please ask a colleague."));
          return put("drafts", draft);
        }).then(function () { return draft; });
      });
    });
  }

  /* One tab at a time; the server keeps one visit for a key all the same. */
  function alone(act) {
    return navigator.locks ? navigator.locks.request("yz-visit", act) : act();
  }

  function sync() {
    if (!running) {
      running = alone(function () {
        var done = {};
        return all("drafts").then(function (drafts) {
          var waiting = drafts.filter(function (one) { return one.owner === owner && (one.state === "queued" || one.state === "sent"); });
          if (!waiting.length) return done;
          waiting.sort(function (a, b) { return a.filled - b.filled; });
          return renewDay().then(function () {
            return waiting.reduce(function (before, one) {
              return before.then(function () { return sendOne(one.ref); }).then(function (sent) { if (sent) done[one.ref] = sent; });
            }, Promise.resolve());
          }).then(function () { return renewDay(); }).then(function () { return done; });
        });
      }).then(function (done) {
        if (app.dataset.asks) say("");
        return { sent: done };
      }, function (stop) {
        if (stop && stop.signedOut) { say(words("登录已经过期。填的内容都在这台手机上，登录后会自动发送。", "Your sign-in has run out. Everything typed is on this phone and is sent once you sign in."), app.dataset.signin, words("去登录", "Sign in")); }
        return { sent: {}, stopped: true };
      }).then(function (result) {
        running = null;
        return paint().then(function () { return result; });
      });
    }
    return running;
  }

  /* -- What the page says -------------------------------------------------------------------- */
  function element(name, text, given) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(given || {}).forEach(function (key) { made.setAttribute(key, given[key]); });
    return made;
  }
  function say(text, href, word) {
    var place = app.querySelector("[data-visit-say]");
    place.textContent = "";
    if (href) app.dataset.asks = "1"; else delete app.dataset.asks;
    if (!text) return;
    var box = element("div", "", { "class": "yz-notice yz-notice-waiting" });
    var line = element("p", text + " ");
    if (href) line.appendChild(element("a", word, { href: href }));
    box.appendChild(line);
    place.appendChild(box);
  }

  var STANDING = {
    editing: words("没有提交，接着填", "Not submitted; go on"),
    queued: words("等网络恢复后发送", "To be sent when the network is back"),
    sent: words("已收到，照片还在发送", "Received; photos are still being sent"),
    photos: words("已收到，有照片没有收下", "Received; a photo was not taken"),
    fix: words("要改后再发", "Needs a change"),
    conflict: words("这一户有了新的情况", "Something has happened with this household")
  };

  function paint() {
    return all("drafts").then(function (drafts) {
      var own = drafts.filter(function (one) { return one.owner === owner; });
      var unsent = own.filter(function (one) { return one.state !== "editing"; }).length;
      var badge = app.querySelector("[data-visit-badge]"), list = app.querySelector("[data-visit-queue]");
      badge.hidden = !unsent;
      badge.textContent = unsent ? words("没有发送的：" + unsent + "份", "Not sent: " + unsent) : "";
      list.textContent = "";
      own.forEach(function (one) { if (!(form && mine && one.ref === mine.ref && one.state === "editing")) list.appendChild(row(one)); });
      if (drafts.length > own.length) list.appendChild(element("li", words("这台手机上还有另一位同事的" + (drafts.length - own.length) + "份没有发送，请本人登录后发送。", "Records of a colleague are on this phone (" + (drafts.length - own.length) + "); they are sent once that colleague signs in.")));
    });
  }

  function row(draft) {
    var line = element("li", "", { "data-state": draft.state });
    if (draft.state === "sent" || draft.state === "photos") line.appendChild(element("b", draft.case_no));
    else line.appendChild(element("a", draft.case_no, { href: LIST + draft.ref + "/" }));
    line.appendChild(element("span", STANDING[draft.state] + (draft.said ? "：" + draft.said : "")));
    if (draft.state === "conflict") line.appendChild(button(words("一起保留", "Keep both"), draft, function () {
      draft.fields.again = "on"; draft.state = "queued"; draft.said = "";
      return put("drafts", draft).then(sync);
    }));
    if (draft.state === "photos") line.appendChild(button(words("再试一次", "Try again"), draft, function () {
      draft.state = "sent"; draft.said = "";
      return put("drafts", draft).then(sync);
    }));
    if (draft.state === "queued") line.appendChild(button(words("现在发送", "Send now"), draft, sync));
    if (draft.state !== "queued" && draft.state !== "sent") {
      var sure = false, throwAway = button(words("不要了", "Discard"), draft, function () {
        if (!sure) { sure = true; throwAway.firstChild.textContent = words("再按一次就删除", "Press again to delete"); return Promise.resolve(); }
        return forgetDraft(draft.ref).then(paint);
      });
      line.appendChild(throwAway);
    }
    return line;
  }
  function button(text, draft, act) {
    var made = element("button", "", { type: "button", "class": "yz-button yz-button-quiet" });
    made.appendChild(element("span", text));
    made.appendChild(element("span", " " + draft.case_no, { "class": "visually-hidden" }));
    made.addEventListener("click", function () { made.disabled = true; act().then(function () { made.disabled = false; }); });
    return made;
  }

  /* -- The form ------------------------------------------------------------------------------ */
  function boxes() {
    return Array.prototype.filter.call(form.elements, function (one) { return one.name && NOT_KEPT.indexOf(one.name) < 0; });
  }
  function read() {
    var fields = {};
    boxes().forEach(function (one) {
      if ((one.type === "radio" || one.type === "checkbox") && !one.checked) return;
      fields[one.name] = one.value;
    });
    return fields;
  }
  function fill(fields) {
    boxes().forEach(function (one) {
      if (one.type === "radio" || one.type === "checkbox") one.checked = fields[one.name] === one.value;
      else if (fields[one.name] !== undefined) one.value = fields[one.name];
    });
    var pad = form.querySelector("[data-signature-pad]");
    if (pad && (fields.signature || "").indexOf("data:") === 0) {
      var picture = new Image();
      picture.onload = function () { pad.getContext("2d").drawImage(picture, 0, 0); };
      picture.src = fields.signature;
    }
  }

  function draftOf(ref, number) {
    return get("drafts", ref).then(function (known) {
      if (known && known.owner === owner) return known;
      if (known) throw new Refused(words("这一户有另一位同事的记录还没有发送，请本人先登录发送。", "A colleague has an unsent record of this household on this phone."));
      return { ref: ref, key: uuid(), owner: owner, case_no: number, fields: {}, state: "editing", said: "" };
    });
  }
  /* The same draft in two tabs has one key, whichever wrote first. */
  function keepDraft(change) {
    return get("drafts", mine.ref).then(function (known) {
      if (known && known.owner === owner) mine.key = known.key;
      Object.assign(mine, change);
      return put("drafts", mine);
    });
  }

  function complain(errors) {
    var old = form.querySelector("[data-visit-errors]");
    if (old) old.remove();
    form.querySelectorAll("[data-visit-error]").forEach(function (one) { one.remove(); });
    var names = Object.keys(errors);
    if (!names.length) return;
    var box = element("div", "", { "class": "yz-errors", role: "alert", tabindex: "-1", "data-visit-errors": "" });
    box.appendChild(element("h2", words("请先看这几处", "Please look at these first")));
    var list = element("ul");
    names.forEach(function (name) {
      var field = Array.prototype.find.call(form.elements, function (one) { return one.name === name; });
      [].concat(errors[name]).forEach(function (text) {
        var line = element("li");
        line.appendChild(field && field.id ? element("a", text, { href: "#" + field.id }) : element("span", text));
        list.appendChild(line);
        var frame = field && field.closest(".yz-field");
        if (frame) frame.insertBefore(element("p", text, { "class": "yz-error", "data-visit-error": "" }), frame.querySelector("legend, label").nextSibling);
      });
    });
    box.appendChild(list);
    form.insertBefore(box, form.firstChild);
    box.focus();
  }

  function missing(fields) {
    var errors = {}, met = fields.outcome && fields.outcome !== "nobody";
    needs.forEach(function (need) {
      var wanted = need.when === "always" || (need.when === "met" && met) || need.when === fields.outcome;
      if (wanted && !(fields[need.name] || "").trim()) errors[need.name] = need.said;
    });
    return errors;
  }

  function arm(ref, number) {
    var later = 0, photos = form.querySelector("input[type=file]"), submitted = false;
    draftOf(ref, number).then(function (draft) {
      mine = draft;
      if (draft.state === "sent" || draft.state === "photos") { say(STANDING[draft.state]); return paint(); }
      if (Object.keys(draft.fields).length) fill(draft.fields);
      if (draft.errors && draft.state === "fix") complain(draft.errors);
      else if (draft.said) say(draft.said);
      showPhotos();
      form.addEventListener("input", typed);
      form.addEventListener("change", typed);
      form.addEventListener("pointerup", typed);
      photos.addEventListener("change", function () { takePhotos(Array.prototype.slice.call(photos.files)); });
      form.addEventListener("submit", submit);
      form.dataset.armed = "1";
      paint();
    }, function (stop) { if (stop instanceof Refused) say(stop.sentence); });

    function typed(event) {
      if (event.target === photos) return;
      window.clearTimeout(later);
      later = window.setTimeout(function () { if (!submitted) keepDraft({ fields: read(), state: "editing", said: "", errors: null }); }, 250);
    }

    function submit(event) {
      event.preventDefault();
      var fields = read(), errors = missing(fields);
      complain(errors);
      if (Object.keys(errors).length) return;
      window.clearTimeout(later);
      submitted = true;
      keepDraft({ fields: fields, state: "queued", filled: Date.now(), said: "", errors: null }).then(sync).then(function (result) {
        var sent = result.sent[ref];
        if (sent && sent.href && (sent.state === "sent" || sent.state === "photos")) { window.location.href = sent.href; return; }
        return get("drafts", ref).then(function (now) {
          if (now && now.state === "fix") { submitted = false; mine = now; complain(now.errors || {}); }
          else if (now && now.state === "conflict") { submitted = false; mine = now; say(now.said); }
          else if (!app.dataset.asks) window.location.href = LIST;
        });
      });
    }

    function takePhotos(files) {
      photos.value = "";
      files.reduce(function (before, file) {
        return before.then(function () { return shrunk(file); }).then(function (picture) {
          return crypto.subtle.digest("SHA-256", picture.content).then(function (digest) {
            return put("photos", { id: ref + ":" + hexOf(digest), ref: ref, content: picture.content, small: picture.small });
          });
        });
      }, Promise.resolve()).then(function () {
        return keepDraft({ fields: read(), state: "editing" });
      }).then(showPhotos, function () {
        say(words("这张照片打不开，请再拍一次。", "This photo cannot be opened; please take it again."));
      });
    }

    function showPhotos() {
      return photosOf(ref).then(function (found) {
        var list = form.querySelector("[data-visit-shown]");
        list.textContent = "";
        found.forEach(function (one, n) {
          var line = element("li");
          if (one.small) line.appendChild(element("img", "", { src: one.small, alt: words("第" + (n + 1) + "张照片", "Photo " + (n + 1)) }));
          var away = element("button", words("删除第" + (n + 1) + "张", "Delete photo " + (n + 1)), { type: "button", "class": "yz-button yz-button-quiet" });
          away.addEventListener("click", function () { drop("photos", one.id).then(showPhotos); });
          line.appendChild(away);
          list.appendChild(line);
        });
        form.querySelector("[data-visit-count]").textContent = found.length ? words("已留在这台手机上：" + found.length + "张", "Kept on this phone: " + found.length) : "";
      });
    }
  }

  function shrunk(file) {
    function whole(small) { return file.arrayBuffer().then(function (content) { return { content: content, small: small }; }); }
    if (!window.createImageBitmap) return whole("");
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var small = drawn(picture, 160).toDataURL("image/jpeg", 0.6);
      if (file.size < 1.5e6) return whole(small);
      return new Promise(function (done) { drawn(picture, LONGEST).toBlob(done, "image/jpeg", QUALITY); }).then(function (blob) {
        if (!blob || blob.size >= file.size) return whole(small);
        return blob.arrayBuffer().then(function (content) { return { content: content, small: small }; });
      });
    });
  }
  function drawn(picture, longest) {
    var scale = Math.min(1, longest / Math.max(picture.width, picture.height)), canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale); canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  /* -- Without a network ---------------------------------------------------------------------- */
  function card(house, link) {
    var made = document.getElementById("visit-card").content.firstElementChild.cloneNode(true);
    function place(name) { return made.querySelector('[data-fill="' + name + '"]'); }
    function lines(name, texts) { texts.forEach(function (text) { place(name).appendChild(element("li", text)); }); }
    place("case").textContent = house.case_no; place("case").href = house.href;
    place("due").textContent = house.due;
    house.places.forEach(function (one) { place("places").appendChild(element("dt", one[0])); place("places").appendChild(element("dd", one[1])); });
    if (!house.places.length) place("places").remove();
    lines("people", house.people.map(function (one) { return one.join(" "); }));
    lines("look", house.look_at);
    if (house.attempts.length) lines("attempts", house.attempts); else place("missed").remove();
    place("number").textContent = house.phone_shown;
    if (house.phone) place("phone").href = "tel:" + house.phone; else place("phone").remove();
    if (link) place("form").href = house.href; else place("form").remove();
    return made;
  }

  function draw(day) {
    var found = /^\/review\/visit\/([0-9a-f-]{36})\/$/.exec(window.location.pathname);
    var rows = day ? day.rows : [];
    if (!found) {
      document.querySelector("[data-visit-none]").hidden = rows.length > 0;
      rows.forEach(function (one) { document.querySelector("[data-visit-list]").appendChild(card(one, true)); });
      return;
    }
    var house = rows.filter(function (one) { return one.ref === found[1]; })[0];
    document.querySelector("[data-visit-back]").hidden = false;
    document.querySelector("[data-visit-title]").textContent = words("入户核实表", "Home visit form");
    if (house) document.querySelector("[data-visit-house]").appendChild(card(house, false));
    return get("drafts", found[1]).then(function (draft) {
      if (!house && !draft) { document.querySelector("[data-visit-none]").hidden = false; return; }
      form.hidden = false;
      arm(found[1], house ? house.case_no : draft.case_no);
    });
  }

  /* -- Beginning and end ----------------------------------------------------------------------- */
  function endOfDay(day) {
    if (!day) return null;
    if (day.until <= Date.now()) { forgetList(); return null; }
    window.setTimeout(function () {
      forgetList();
      if (shell && !(mine && !form.hidden)) window.location.reload();
    }, Math.min(day.until - Date.now(), 2147483647));
    return day;
  }

  document.addEventListener("submit", function (event) {
    var out = event.target;
    if (leaving || !/\/accounts\/sign-out\/$/.test(out.action)) return;
    event.preventDefault();
    sync().then(function () { return all("drafts"); }).then(function (drafts) {
      var own = drafts.filter(function (one) { return one.owner === owner; });
      if (own.length && !warned) {
        warned = true;
        say(words("还有" + own.length + "份没有发送。连上网络发送以后再退出；再按一次退出，它们会留在这台手机上，您再登录时发送。", own.length + " not sent yet. Send them before you sign out; if you sign out again they stay on this phone until you sign in."));
        app.scrollIntoView();
        return;
      }
      return forgetList().then(function () { leaving = true; out.submit(); });
    });
  }, true);

  function again() {
    sync().then(function (result) {
      if (shell && !result.stopped && !(form && !form.hidden)) renewDay().then(function () { window.location.reload(); }, function () {});
    });
  }
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) again(); });
  window.setInterval(again, AGAIN);

  base.then(function () { return Promise.all([get("day", "list"), get("day", "owner")]); }).then(function (known) {
    var day = endOfDay(known[0]);
    if (shell) owner = known[1] || "";
    else if (day && day.owner !== owner) { forgetList(); day = null; }
    if (shell) draw(day);
    else if (form) arm(form.dataset.ref, form.dataset.case);
    if (!shell) renewDay().catch(function () {});
    if (!shell && navigator.serviceWorker) navigator.serviceWorker.register(app.dataset.worker, { scope: LIST }).catch(function () {});
    return sync();
  }).then(function () { document.body.dataset.visitReady = "1"; }, function () {});
})();
