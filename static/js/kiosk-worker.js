/* The service worker of the self-service machine. Pages come from the network and are never kept;
   where there is none, the offline page, which holds nobody's data. A choice is sent only after a
   sign of life: with the network gone nothing leaves the machine, so "not registered" is true.
   self.YZ (shell, unsure, beat, scope, not, assets, version) is written in front by the server. */
"use strict";
var YZ = self.YZ, KEPT = "yz-kiosk-" + YZ.version, PATIENCE = 8000;

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(KEPT).then(function (kept) {
    return kept.addAll(YZ.assets.concat([YZ.shell, YZ.unsure]).map(function (address) {
      return new Request(address, { cache: "reload", credentials: "same-origin" });
    }));
  }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf("yz-kiosk-") === 0 && name !== KEPT;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

function shell(address) {
  return caches.match(address, { ignoreVary: true }).then(function (page) { return page || Response.error(); });
}

function late(answer) {
  return new Promise(function (done) { setTimeout(function () { done(answer); }, PATIENCE); });
}

function look(request) {
  return Promise.race([fetch(request), late(null)]).then(function (answer) {
    return answer || shell(YZ.shell);
  }, function () { return shell(YZ.shell); });
}

/* Asked first, so that a choice is not sent into nothing; lost after that, nobody can know. */
function send(request) {
  var alive = fetch(YZ.beat, { cache: "no-store", credentials: "same-origin" }).then(function () { return true; }, function () { return false; });
  return Promise.race([alive, late(false)]).then(function (there) {
    if (!there) return shell(YZ.shell);
    return fetch(request).catch(function () { return shell(YZ.unsure); });
  });
}

function asset(request) {
  return fetch(request).catch(function () {
    return caches.match(request, { ignoreVary: true }).then(function (known) { return known || Response.error(); });
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request, address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (address.pathname.indexOf(YZ.scope) !== 0) return;
    if (YZ.not.some(function (one) { return address.pathname.indexOf(one) === 0; })) return;
    event.respondWith(request.method === "POST" ? send(request) : look(request));
  } else if (request.method === "GET" && YZ.assets.indexOf(address.pathname) >= 0) event.respondWith(asset(request));
});
