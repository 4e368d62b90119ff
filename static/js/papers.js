/* Papers: photos are made smaller, sent in parts, retried where the line is cut, and gone on with
   later. Single actions replace one strip, so that nothing typed elsewhere is lost. Every form with
   a strip also works without this file, as a plain multipart form. */
(function () {
  "use strict";
  var LONGEST = 2200, QUALITY = 0.85, TRIES = 8;
  var token = document.body.dataset.csrf;
  var english = document.documentElement.lang === "en";
  if (!token || !window.fetch || !window.DOMParser || !window.crypto || !crypto.subtle) return;

  function words(chinese, plain) { return english ? plain : chinese; }

  function shrunk(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !window.createImageBitmap || file.size < 1.5e6) return Promise.resolve(file);
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise(function (done) {
        canvas.toBlob(function (blob) { done(blob && blob.size < file.size ? blob : file); }, "image/jpeg", QUALITY);
      });
    }).catch(function () { return file; });
  }

  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
  }

  function wait(milliseconds) { return new Promise(function (done) { window.setTimeout(done, milliseconds); }); }

  /* One request; a cut line is tried again, later and later. A refusal is an answer, not a cut. */
  function send(address, options, tell) {
    var tries = 0;
    function once() {
      return fetch(address, options).then(function (answer) {
        if (answer.status >= 500) throw new Error("server");
        return answer;
      }).catch(function (cut) {
        tries += 1;
        if (tries >= TRIES) throw cut;
        tell(words("网络断了，正在重新连接…", "The line is down; trying again…"));
        return wait(Math.min(15000, 500 * Math.pow(2, tries))).then(once);
      });
    }
    return once();
  }

  function post(address, body, headers, tell) {
    return send(address, {
      method: "POST", body: body, credentials: "same-origin",
      headers: Object.assign({ "X-CSRFToken": token }, headers)
    }, tell);
  }

  function upload(strip, file, show) {
    return shrunk(file).then(function (blob) {
      return blob.arrayBuffer().then(function (content) {
        return crypto.subtle.digest("SHA-256", content).then(function (digest) {
          return begin(strip, content, hex(digest), show);
        });
      });
    });
  }

  function begin(strip, content, digest, show) {
    var body = JSON.stringify({ size: content.byteLength, digest: digest });
    return post(strip.dataset.parts, body, { "Content-Type": "application/json" }, show.say).then(function (answer) {
      return answer.json().then(function (told) {
        if (!answer.ok) throw new Refused(told.sentence);
        return told.done ? told : parts(told, content, show);
      });
    });
  }

  function parts(told, content, show) {
    function next(at) {
      show.part(at / content.byteLength);
      if (at >= content.byteLength) return finish(told, show);
      var piece = content.slice(at, at + told.step);
      return post(told.part, piece, { "Content-Type": "application/octet-stream", "X-Offset": String(at) }, show.say).then(function (answer) {
        return answer.json().then(function (now) {
          if (answer.status === 409) return next(now.received);
          if (!answer.ok) throw new Refused(now.sentence);
          return now.done ? now : next(now.received);
        });
      });
    }
    return next(told.received);
  }

  function finish(told, show) {
    show.say(words("正在检查…", "Checking…"));
    return post(told.finish, "", {}, show.say).then(function (answer) {
      return answer.json().then(function (now) {
        if (!answer.ok) throw new Refused(now.sentence || "");
        return now;
      });
    });
  }

  function Refused(sentence) { this.sentence = sentence; }

  function shower(strip) {
    var frame = strip.querySelector("[data-progress]");
    frame.textContent = "";
    var bar = document.createElement("progress");
    bar.max = 1; bar.value = 0;
    bar.setAttribute("aria-label", words("上传进度", "Upload progress"));
    var line = document.createElement("p");
    line.className = "caption";
    frame.appendChild(bar);
    frame.appendChild(line);
    return {
      part: function (share) { bar.value = share; },
      say: function (text) { if (line.textContent !== text) line.textContent = text; }
    };
  }

  /* The strip anew, with what an action changed; the focus stays near. */
  function renew(strip, fields) {
    var form = new FormData();
    form.append("csrfmiddlewaretoken", token);
    form.append("title", strip.dataset.title);
    Object.keys(fields).forEach(function (name) { form.append(name, fields[name]); });
    return fetch(strip.dataset.strip, { method: "POST", body: form, credentials: "same-origin", headers: { "X-CSRFToken": token } })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-strip]");
        if (!fresh) { window.location.reload(); return strip; }
        strip.replaceWith(document.importNode(fresh, true));
        var placed = document.getElementById(fresh.id);
        arm(placed);
        return placed;
      });
  }

  function complain(strip, sentence) {
    var line = strip.querySelector(".yz-error") || document.createElement("p");
    line.className = "yz-error";
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    strip.insertBefore(line, strip.firstChild);
  }

  function sendAll(strip, files, replaced) {
    var list = Array.prototype.slice.call(files), count = list.length, refused = "";
    if (!count || strip.dataset.busy) return Promise.resolve();
    strip.dataset.busy = "1";
    var show = shower(strip);
    var chain = list.reduce(function (before, file, n) {
      return before.then(function () {
        show.say(words("正在上传第" + (n + 1) + "个，共" + count + "个", "Sending " + (n + 1) + " of " + count));
        return upload(strip, file, show).catch(function (stop) {
          if (!(stop instanceof Refused)) throw stop;
          refused = stop.sentence;
        });
      });
    }, Promise.resolve());
    return chain.then(function () {
      return renew(strip, replaced && !refused ? { "do": "remove:" + replaced } : {});
    }).then(function (placed) {
      if (refused) complain(placed, refused);
      var choose = document.querySelector('input[type=radio][value=upload][name="item_' + placed.id.slice(6) + '"]');
      if (choose && !refused) choose.checked = true;
      placed.querySelector("input[type=file]").focus();
    }).catch(function () {
      delete strip.dataset.busy;
      complain(strip, words("网络一直不通，已传的部分保留24小时。网络好了再选同一个文件，会接着传。", "The line stays down. What was sent is kept for 24 hours: choose the same file later and it goes on."));
    });
  }

  function arm(strip) {
    var box = strip.querySelector("input[type=file][multiple]");
    var send = strip.querySelector("[data-send]");
    var camera = strip.querySelector("[data-camera]");
    send.hidden = true;
    if (window.matchMedia && matchMedia("(pointer: coarse)").matches) {
      camera.hidden = false;
      camera.querySelector("input").addEventListener("change", function (event) { sendAll(strip, event.target.files); });
    }
    box.addEventListener("change", function () { sendAll(strip, box.files, strip.dataset.replacing); });
    strip.addEventListener("click", function (event) {
      var button = event.target.closest("button[name=do]");
      if (!button || button === send) return;
      event.preventDefault();
      if (button.hasAttribute("data-replace")) {
        strip.dataset.replacing = button.value.split(":")[1];
        box.click();
        return;
      }
      button.disabled = true;
      renew(strip, { "do": button.value }).then(function (placed) {
        var again = placed.querySelector('button[value="' + button.value + '"]') || placed.querySelector("input[type=file]");
        again.focus();
      }, function () { button.disabled = false; });
    });
  }

  document.querySelectorAll("[data-strip]").forEach(arm);
})();
