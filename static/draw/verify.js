/* 摇号结果离线核对 / Offline verifier of a housing draw, protocol YZ-DRAW-1.
   A classic script without dependencies; hashing by the browser's own WebCrypto. It sends
   nothing anywhere. Numbers in brackets are sections of docs/draw-protocol.md. */
(function () {
  "use strict";

  var FILES = ["roster.json", "reveal.json", "result.json"];
  var PARTS = ["roster", "reveal", "result"];
  var LIMIT = 64 * 1024 * 1024;
  var BRACKETS = 2000000;
  var DEPTH = 16;
  var BATCH = 10000;

  var CHECKS = {
    files: ["恰好三个文件", "Exactly three files"],
    canonical_roster: ["名册的写法唯一", "The roster is in canonical bytes"],
    canonical_reveal: ["揭晓文件的写法唯一", "The reveal is in canonical bytes"],
    canonical_result: ["结果文件的写法唯一", "The result is in canonical bytes"],
    fields_roster: ["名册的内容齐全、已排序", "The roster is complete and sorted"],
    fields_reveal: ["揭晓文件的内容齐全", "The reveal is complete"],
    fields_result: ["结果文件的内容齐全", "The result is complete"],
    same_round: ["几个文件属于同一轮", "All files belong to one round"],
    roster_digest: ["名册的摘要一致", "The roster's digest agrees"],
    entropy_format: ["公开事件的数值符合事先定下的格式", "The public value has the format fixed before"],
    commitment: ["密数就是事先封存的那一个", "The secret is the one committed to"],
    seed: ["种子可以重新算出", "The seed follows"],
    order: ["摇号顺序一致", "The order follows"],
    assignment: ["房源分配一致", "The assignment follows"],
    no_home_twice: ["没有一套房分给两户", "No home is given twice"],
    no_ticket_twice: ["没有一个号牌出现两次", "No ticket is drawn twice"],
    homes_permitted: ["分到的房都在名册里，户型符合", "Every home is in the roster and of a permitted type"],
    entrants_complete: ["没有漏掉或多出一户", "No entrant is missing or added"]
  };

  function Bad(zh, en) { this.words = [zh, en]; }
  function need(condition, zh, en) { if (!condition) { throw new Bad(zh, en); } }

  /* --- Bytes and digests ------------------------------------------------------------ */

  var encoder = new TextEncoder();
  var HEX = [];
  for (var b = 0; b < 256; b++) { HEX.push((b < 16 ? "0" : "") + b.toString(16)); }

  function hex(bytes) {
    var text = "";
    for (var i = 0; i < bytes.length; i++) { text += HEX[bytes[i]]; }
    return text;
  }

  function unhex(text) {
    return Uint8Array.from(text.match(/../g), function (pair) { return parseInt(pair, 16); });
  }

  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  function joined(parts) {
    var all = new Uint8Array(parts.reduce(function (sum, part) { return sum + part.length; }, 0));
    var at = 0;
    parts.forEach(function (part) { all.set(part, at); at += part.length; });
    return all;
  }

  function sameBytes(a, b) {
    if (a.length !== b.length) { return false; }
    for (var i = 0; i < a.length; i++) { if (a[i] !== b[i]) { return false; } }
    return true;
  }

  /* --- Canonical JSON (1) ----------------------------------------------------------- */

  function byCodePoint(a, b) {
    var left = Array.from(a), right = Array.from(b);
    for (var i = 0; i < left.length && i < right.length; i++) {
      if (left[i] !== right[i]) { return left[i].codePointAt(0) - right[i].codePointAt(0); }
    }
    return left.length - right.length;
  }

  function sortedKeys(value) {
    var keys = Object.keys(value), plain = keys.every(function (k) { return /^[ -~]*$/.test(k); });
    return plain ? keys.sort() : keys.sort(byCodePoint);
  }

  /* A text in canonical spelling, worked out once for each. Half a character has no bytes in
     UTF-8; the browser would write it as an escape. */
  var quoted = new Map();

  function quote(text) {
    var known = quoted.get(text);
    if (known !== undefined) { return known; }
    var made = JSON.stringify(text);
    need(!made.includes("\\ud") || !/[\ud800-\udfff]/u.test(text), "含有半个字符", "holds half a character");
    quoted.set(text, made);
    return made;
  }

  function write(value) {
    if (typeof value === "string") { return quote(value); }
    if (value === null || typeof value === "boolean") { return JSON.stringify(value); }
    if (typeof value === "number") {
      need(Number.isSafeInteger(value), "含有不允许的数字", "holds a number that is not allowed");
      return String(value);
    }
    if (Array.isArray(value)) { return "[" + value.map(write).join(",") + "]"; }
    return "{" + sortedKeys(value).map(function (key) {
      return quote(key) + ":" + write(value[key]);
    }).join(",") + "}";
  }

  /* JSON.parse would read 1.0 as 1 and a long number as another one, without a word. */
  function refuseNumber(bytes, from, to) {
    var text = String.fromCharCode.apply(null, bytes.subarray(from, Math.min(to, from + 18)));
    need(!/[.eE]/.test(text) && to - from <= 17 && Number.isSafeInteger(Number(text)),
      "含有不允许的数字 " + text, "holds the number " + text + ", not allowed");
  }

  /* Numbers, and how deep and how often the brackets outside of texts open. */
  function refuseWhatParsersDifferAbout(bytes) {
    var opened = 0, depth = 0, deepest = 0, inside = false, number = -1, odd = false;
    for (var i = 0; i <= bytes.length; i++) {
      var c = bytes[i];
      if (c === 0x5b || c === 0x7b) { opened += 1; }
      if (inside) {
        if (c === 0x5c) { i += 1; opened += bytes[i] === 0x5b || bytes[i] === 0x7b ? 1 : 0; } else if (c === 0x22) { inside = false; }
        continue;
      }
      if (number >= 0) {
        if (c >= 0x30 && c <= 0x39) { continue; }
        if (c === 0x2e || c === 0x45 || c === 0x65 || c === 0x2b || c === 0x2d) { odd = true; continue; }
        if (odd || i - number > 15) { refuseNumber(bytes, number, i); }
        number = -1;
      }
      if (c === 0x22) { inside = true; }
      else if (c === 0x5b || c === 0x7b) { depth += 1; deepest = Math.max(deepest, depth); }
      else if (c === 0x5d || c === 0x7d) { depth -= 1; }
      else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) { number = i; odd = false; }
    }
    need(opened <= BRACKETS, "内容过多", "too many values");
    need(deepest <= DEPTH, "层次太深", "nested too deeply");
  }

  function parse(bytes) {
    need(bytes.length <= LIMIT, "文件过大", "a file is too large");
    refuseWhatParsersDifferAbout(bytes);
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch (error) {
      throw new Bad("不是合格的 JSON", "not JSON in UTF-8");
    }
  }

  function refuseIfNotCanonical(value, bytes) {
    var expected;
    quoted.clear();
    try {
      expected = encoder.encode(write(value));
    } catch (error) {
      throw error instanceof Bad ? error : new Bad("层次太深", "nested too deeply");
    }
    need(sameBytes(expected, bytes), "写法不是唯一规定的那一种", "not the canonical spelling");
  }

  /* --- Permitted content (1) -------------------------------------------------------- */

  function pattern(expression) {
    return function (v) { return typeof v === "string" && expression.test(v); };
  }
  var isId = pattern(/^[A-Za-z0-9/_.-]{1,64}$/);
  var isHex = pattern(/^[0-9a-f]{64}$/);
  var isArea = pattern(/^(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?$/);
  var isMoment = pattern(new RegExp(
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]" +
    "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"));
  function isBool(v) { return v === true || v === false; }
  function isInt(v) { return Number.isSafeInteger(v); }
  function isText(v) {
    return typeof v === "string" && v.length > 0 && v.length <= 8192 &&
      Array.from(v).length <= 4096 && !/[\ud800-\udfff]/u.test(v);
  }
  function isIds(v) { return Array.isArray(v) && v.every(isId); }
  function isTypes(v) { return isIds(v) && v.length > 0 && v.length <= 64; }
  function isObject(v) { return typeof v === "object" && v !== null && !Array.isArray(v); }
  function isProtocol(v) { return v === "YZ-DRAW-1"; }
  function isHomeOrNone(v) { return v === null || isId(v); }

  var ROSTER = { protocol: isProtocol, round: isText, entrants: Array.isArray, homes: Array.isArray,
    policy: isText, entropy_source: isObject, secret_commitment: isHex };
  var SOURCE = { name: isText, at: isMoment, format: isText, example: isText };
  var ENTRANT = { ticket: isId, tier: isInt, unit_types: isTypes, needs_accessible: isBool,
    preferences: isIds, any_estate: isBool };
  var HOME = { home: isId, estate: isId, unit_type: isId, accessible: isBool, area: isArea, floor: isInt };
  var REVEAL = { entropy: isText, secret: isHex, seed: isHex };
  var RESULT = { protocol: isProtocol, roster_sha256: isHex, round: isText, seed: isHex,
    assignments: Array.isArray };
  var ROW = { position: isInt, ticket: isId, home: isHomeOrNone };

  function obey(value, rules, where) {
    need(isObject(value), where + " 不是对象", where + " is not an object");
    var names = Object.keys(rules);
    var known = Object.keys(value).every(function (k) { return Object.hasOwn(rules, k); });
    if (!known || Object.keys(value).length !== names.length) {
      throw new Bad(where + " 的字段不对", where + " has other keys than it should");
    }
    for (var i = 0; i < names.length; i++) {
      if (!rules[names[i]](value[names[i]])) {
        throw new Bad(where + " 的 " + names[i] + " 不对", where + " has a wrong " + names[i]);
      }
    }
  }

  function obeyRows(rows, rules, where, id) {
    rows.forEach(function (row, i) {
      obey(row, rules, where);
      if (id && i > 0 && !(rows[i - 1][id] < row[id])) {
        throw new Bad(row[id] + " 重复或没有排序", row[id] + " is repeated or out of order");
      }
    });
  }

  var SHAPES = {
    roster: function (v) {
      obey(v, ROSTER, "roster");
      obey(v.entropy_source, SOURCE, "entropy_source");
      need(matches(v.entropy_source.format, v.entropy_source.example),
        "示例不符合格式", "the example does not have its own format");
      obeyRows(v.entrants, ENTRANT, "entrants", "ticket");
      obeyRows(v.homes, HOME, "homes", "home");
    },
    reveal: function (v) { obey(v, REVEAL, "reveal"); },
    result: function (v) {
      obey(v, RESULT, "result");
      obeyRows(v.assignments, ROW, "assignments", "");
    }
  };

  /* The format (1): literals, [classes] and {n} between ^ and $. Once it has been found to be
     one of these, the browser's own regular expressions mean the same by it. */
  var MEMBER = "(?:[ !-,./-Z_-~]|\\\\[!-/:-@[-`{-~])";
  var CLASS = "\\[(?!\\])-?(?:" + MEMBER + "(?:-" + MEMBER + ")?)*-?\\]";
  var LITERAL = "(?:[ !-#%-',\\-/0-9:->@A-Z_`a-z~]|\\\\[!-/:-@[-`{-~])";
  var FORMAT = new RegExp("^\\^(?:(?:" + CLASS + "|" + LITERAL + ")(?:\\{[1-9][0-9]{0,3}\\})?)*\\$$");

  function matches(format, text) {
    var expression;
    try {
      expression = FORMAT.test(format) ? new RegExp(format) : null;
    } catch (error) {
      expression = null; /* a range that runs backwards */
    }
    need(expression, "格式的写法不允许", "the format is written in a way that is not allowed");
    return expression.test(text);
  }

  /* --- Order and assignment (3, 4) -------------------------------------------------- */

  /* A round needs a key for every household and home. Asking the browser for each of 180,000 takes
     longer than computing them, so they are computed here and WebCrypto vouches for one in each
     batch. A key is kept as 16 characters of two bytes each, which sort as the bytes do. */
  var ROUND = new Uint32Array(64), START = new Uint32Array(8), W = new Uint32Array(64);

  (function () {
    var n = 2, found = 0;
    function part(root) { return ((root - Math.floor(root)) * 4294967296) >>> 0; }
    function prime(number) {
      for (var d = 2; d * d <= number; d++) { if (number % d === 0) { return false; } }
      return true;
    }
    for (; found < 64; n++) {
      if (!prime(n)) { continue; }
      if (found < 8) { START[found] = part(Math.sqrt(n)); }
      ROUND[found] = part(Math.cbrt(n));
      found += 1;
    }
  })();

  /* One block of SHA-256: `state` after the 64 bytes at `at`. */
  function block(state, bytes, at) {
    var a = state[0], b = state[1], c = state[2], d = state[3];
    var e = state[4], f = state[5], g = state[6], h = state[7];
    for (var i = 0; i < 64; i++) {
      if (i < 16) {
        W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        at += 4;
      } else {
        var x = W[i - 15], y = W[i - 2];
        W[i] = W[i - 16] + W[i - 7] +
          (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
          (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
      }
      var t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        ((e & f) ^ (~e & g)) + ROUND[i] + W[i]) | 0;
      var u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) +
        ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    return Uint32Array.of(state[0] + a, state[1] + b, state[2] + c, state[3] + d,
      state[4] + e, state[5] + f, state[6] + g, state[7] + h);
  }

  /* The state after `bytes`, when a first block of 64 bytes has led to `state`. */
  function finished(state, bytes) {
    var size = bytes.length, padded = new Uint8Array(((size + 72) >> 6) << 6);
    padded.set(bytes);
    padded[size] = 128;
    new DataView(padded.buffer).setUint32(padded.length - 4, (size + 64) * 8);
    for (var at = 0; at < padded.length; at += 64) { state = block(state, padded, at); }
    return state;
  }

  function bytesOf(state) {
    var bytes = new Uint8Array(32), view = new DataView(bytes.buffer);
    state.forEach(function (word, i) { view.setUint32(4 * i, word); });
    return bytes;
  }

  function hmacWith(seed) {
    function padded(mark) {
      var first = new Uint8Array(64).fill(mark);
      seed.forEach(function (byte, i) { first[i] ^= byte; });
      return block(START, first, 0);
    }
    var inner = padded(0x36), outer = padded(0x5c);
    return function (message) { return finished(outer, bytesOf(finished(inner, message))); };
  }

  function asText(state) {
    var units = [];
    state.forEach(function (word) { units.push(word >>> 16, word & 0xffff); });
    return String.fromCharCode.apply(null, units);
  }

  async function keysOf(seed, kind, ids, progress) {
    var secret = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    var keys = [], hmac = hmacWith(seed);
    function message(id) { return encoder.encode(kind + "\0" + id); }
    for (var at = 0; at < ids.length; at += BATCH) {
      var batch = ids.slice(at, at + BATCH);
      batch.forEach(function (id) { keys.push(asText(hmac(message(id)))); });
      var vouched = new Uint8Array(await crypto.subtle.sign("HMAC", secret, message(batch[0])));
      need(sameBytes(vouched, bytesOf(hmac(message(batch[0])))), "浏览器的计算不一致", "the browser's own computation differs");
      await new Promise(function (resolve) { setTimeout(resolve, 0); }); /* let the page draw */
      progress(batch.length);
    }
    return keys;
  }

  function compare(a, b) { return a < b ? -1 : a > b ? 1 : 0; }

  async function inOrder(rows, seed, kind, id, tier, progress) {
    var keys = await keysOf(seed, kind, rows.map(function (row) { return row[id]; }), progress);
    var items = rows.map(function (row, i) { return { row: row, key: keys[i] }; });
    items.sort(function (a, b) {
      return (tier ? a.row.tier - b.row.tier : 0) || compare(a.key, b.key) || compare(a.row[id], b.row[id]);
    });
    return items.map(function (item) { return item.row; });
  }

  /* The free homes of one place by kind, each kind by rank; what is used up is dropped. */
  function kindOf(type, accessible) { return accessible ? type + "+" : type; }

  function smallest(place, types, access, taken) {
    var best = Infinity;
    for (var i = 0; i < types.length; i++) {
      for (var j = 0; j < access.length; j++) {
        var kind = kindOf(types[i], access[j]), line = place.get(kind);
        if (!line) { continue; }
        while (line.first < line.ranks.length && taken[line.ranks[line.first]]) { line.first += 1; }
        if (line.first === line.ranks.length) { place.delete(kind); }
        else if (line.ranks[line.first] < best) { best = line.ranks[line.first]; }
      }
    }
    return best;
  }

  function placesOf(homes) {
    var places = new Map([["", new Map()]]); /* "": anywhere, for no estate has that name */
    homes.forEach(function (home, rank) {
      if (!places.has(home.estate)) { places.set(home.estate, new Map()); }
      [places.get(home.estate), places.get("")].forEach(function (place) {
        var kind = kindOf(home.unit_type, home.accessible);
        if (!place.has(kind)) { place.set(kind, { ranks: [], first: 0 }); }
        place.get(kind).ranks.push(rank);
      });
    });
    return places;
  }

  function assign(entrants, homes) {
    var places = placesOf(homes), taken = new Uint8Array(homes.length), given = new Map();

    function choose(entrant, access) {
      var estates = entrant.any_estate ? entrant.preferences.concat("") : entrant.preferences;
      for (var i = 0; i < estates.length; i++) {
        var place = places.get(estates[i]);
        var best = place && place.size ? smallest(place, entrant.unit_types, access, taken) : Infinity;
        if (best !== Infinity) { taken[best] = 1; return homes[best].home; }
      }
      return null;
    }

    entrants.forEach(function (entrant) { /* phase 1 */
      var home = entrant.needs_accessible ? choose(entrant, [true]) : null;
      given.set(entrant.ticket, home === null ? choose(entrant, [false]) : home);
    });
    entrants.forEach(function (entrant) { /* phase 2 */
      if (given.get(entrant.ticket) === null) {
        given.set(entrant.ticket, choose(entrant, [false, true]));
      }
    });
    return given;
  }

  /* --- The checks (5) --------------------------------------------------------------- */

  var LATER = ["因前面的问题无法核对", "cannot be checked because of the above"];

  function readParts(files, faults) {
    var values = {};
    PARTS.forEach(function (part) {
      var value;
      try {
        value = parse(files[part + ".json"]);
      } catch (error) {
        faults["canonical_" + part] = faults["fields_" + part] = wordsOf(error);
        return;
      }
      note(faults, "canonical_" + part, function () { refuseIfNotCanonical(value, files[part + ".json"]); });
      note(faults, "fields_" + part, function () { SHAPES[part](value); values[part] = value; });
    });
    return values;
  }

  function wordsOf(error) {
    if (error instanceof Bad) { return error.words; }
    return [LATER[0] + "（" + error.name + "）", LATER[1] + " (" + error.name + ")"];
  }

  function note(faults, name, check) {
    try { check(); faults[name] = null; } catch (error) { faults[name] = wordsOf(error); }
  }

  async function seedOf(files, reveal) {
    return sha256(joined([encoder.encode("YZ-DRAW-1\0"), await sha256(files["roster.json"]),
      unhex(reveal.secret), encoder.encode(reveal.entropy)]));
  }

  /* files: {"roster.json": Uint8Array, …}. Resolves to [{name, passed, detail: [zh, en]}]. */
  async function verify(files, progress) {
    var faults = {}, names = Object.keys(files).sort().join();
    Object.keys(CHECKS).forEach(function (name) { faults[name] = LATER; });
    if (names !== FILES.slice().sort().join()) {
      faults.files = ["应恰好有 " + FILES.join("、"), "there should be just " + FILES.join(", ")];
      return outcome(faults);
    }
    faults.files = null;
    var v = readParts(files, faults);
    if (v.roster && v.result) { checkRows(v.roster, v.result.assignments, faults); }
    if (v.roster && v.result) { await checkFiles(files, v.roster, v.result, faults); }
    if (v.result) { checkRepeats(v.result.assignments, faults); }
    if (v.roster && v.reveal) { await checkDraw(files, v, faults, progress || function () {}); }
    return outcome(faults);
  }

  function outcome(faults) {
    return Object.keys(CHECKS).map(function (name) {
      return { name: name, passed: faults[name] === null, detail: faults[name] };
    });
  }

  async function checkFiles(files, roster, result, faults) {
    var actual = hex(await sha256(files["roster.json"]));
    note(faults, "same_round", function () {
      need(roster.round === result.round, "轮次不同", "the rounds differ");
    });
    note(faults, "roster_digest", function () {
      need(result.roster_sha256 === actual, "应为 " + actual, "should be " + actual);
    });
  }

  function checkRepeats(rows, faults) {
    ["home", "ticket"].forEach(function (field) {
      note(faults, "no_" + field + "_twice", function () {
        var seen = new Set();
        rows.forEach(function (row) {
          if (row[field] !== null && seen.has(row[field])) {
            throw new Bad(row[field] + " 出现两次", row[field] + " appears twice");
          }
          seen.add(row[field]);
        });
      });
    });
  }

  function checkRows(roster, rows, faults) {
    var types = new Map(roster.homes.map(function (home) { return [home.home, home.unit_type]; }));
    var may = new Map(roster.entrants.map(function (row) { return [row.ticket, row.unit_types]; }));
    var drawn = new Set(rows.map(function (row) { return row.ticket; }));
    note(faults, "homes_permitted", function () {
      rows.forEach(function (row) {
        if (row.home !== null && !(may.get(row.ticket) || []).includes(types.get(row.home))) {
          throw new Bad(row.home + " 不该分给这一户", row.home + " is not permitted here");
        }
      });
    });
    note(faults, "entrants_complete", function () {
      may.forEach(function (_, ticket) {
        if (!drawn.has(ticket)) { throw new Bad("缺少 " + ticket, ticket + " is missing"); }
      });
      drawn.forEach(function (ticket) {
        if (!may.has(ticket)) { throw new Bad("多出 " + ticket, ticket + " is not in the roster"); }
      });
    });
  }

  async function checkDraw(files, v, faults, progress) {
    var committed = hex(await sha256(unhex(v.reveal.secret)));
    note(faults, "commitment", function () {
      need(committed === v.roster.secret_commitment, "密数不是封存的那一个", "another secret was committed to");
    });
    note(faults, "entropy_format", function () {
      need(matches(v.roster.entropy_source.format, v.reveal.entropy), "数值不符合格式", "the value does not have the format");
    });
    if (!v.result) { return; }
    var seed = await seedOf(files, v.reveal), text = hex(seed);
    note(faults, "seed", function () {
      need(v.reveal.seed === text && v.result.seed === text, "应为 " + text, "should be " + text);
    });
    var total = v.roster.entrants.length + v.roster.homes.length, done = 0;
    function step(count) { done += count; progress(done, total); }
    var entrants = await inOrder(v.roster.entrants, seed, "entrant", "ticket", true, step);
    var homes = await inOrder(v.roster.homes, seed, "home", "home", false, step);
    compareResult(assign(entrants, homes), v.result.assignments, faults);
  }

  function compareResult(given, rows, faults) {
    var tickets = Array.from(given.keys());
    note(faults, "order", function () {
      rows.forEach(function (row, i) {
        if (row.position !== i + 1 || row.ticket !== tickets[i]) {
          throw new Bad("第 " + (i + 1) + " 位应为 " + tickets[i], "position " + (i + 1) + " should be " + tickets[i]);
        }
      });
      need(rows.length === tickets.length, "户数不对", "the number of positions is wrong");
    });
    note(faults, "assignment", function () {
      var drawn = new Set();
      rows.forEach(function (row) {
        drawn.add(row.ticket);
        if (given.has(row.ticket) && given.get(row.ticket) !== row.home) {
          var right = given.get(row.ticket);
          throw new Bad(row.ticket + " 应为 " + (right || "候补"), row.ticket + " should get " + (right || "none"));
        }
      });
      need(tickets.every(function (t) { return drawn.has(t); }), "有号牌缺少分配", "some tickets have no row");
    });
  }

  /* --- Zip: three files, stored or deflated ----------------------------------------- */

  var CRC = new Uint32Array(256).map(function (_, n) {
    for (var k = 0; k < 8; k++) { n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1; }
    return n;
  });

  function crc32(bytes) {
    var crc = 0xffffffff;
    for (var i = 0; i < bytes.length; i++) { crc = CRC[(crc ^ bytes[i]) & 255] ^ (crc >>> 8); }
    return (crc ^ 0xffffffff) >>> 0;
  }

  function notZip() { return new Bad("不是合格的压缩包", "not a sound zip"); }

  async function inflate(bytes, length) {
    if (typeof DecompressionStream === "undefined") {
      throw new Bad("这个浏览器打不开压缩包，请先解压，再选三个文件", "this browser cannot unzip: unzip first, then choose the three files");
    }
    var reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    var parts = [], size = 0;
    for (;;) {
      var step = await reader.read();
      if (step.done) { break; }
      size += step.value.length;
      if (size > length) { await reader.cancel(); throw notZip(); }
      parts.push(step.value);
    }
    return joined(parts);
  }

  async function unzip(bytes) {
    try {
      return await unzipEntries(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    } catch (error) {
      throw error instanceof Bad ? error : notZip();
    }
  }

  async function unzipEntries(bytes, view) {
    var end = bytes.length - 22;
    if (end < 0 || view.getUint32(end, true) !== 0x06054b50 || view.getUint16(end + 20, true) !== 0) { throw notZip(); }
    var files = {}, at = view.getUint32(end + 16, true), total = view.getUint16(end + 10, true);
    if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== total) { throw notZip(); }
    if (at + view.getUint32(end + 12, true) !== end) { throw notZip(); }
    need(total === 3, "压缩包里应恰好有三个文件", "a zip holds just the three files");
    for (var i = 0; i < 3; i++) {
      if (view.getUint32(at, true) !== 0x02014b50) { throw notZip(); }
      var size = view.getUint16(at + 28, true);
      var name = String.fromCharCode.apply(null, bytes.subarray(at + 46, at + 46 + size));
      need(FILES.includes(name) && !files[name], "压缩包里有别的文件", "there is another file in the zip");
      need([0, 8].includes(view.getUint32(at + 38, true) >>> 28), "只能是普通文件", "must be plain files, not links");
      files[name] = await unzipEntry(bytes, view, at, name);
      at += 46 + size + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
    if (at !== end) { throw notZip(); }
    return files;
  }

  async function unzipEntry(bytes, view, at, name) {
    var method = view.getUint16(at + 10, true), crc = view.getUint32(at + 16, true);
    var packed = view.getUint32(at + 20, true), length = view.getUint32(at + 24, true);
    var local = view.getUint32(at + 42, true);
    if (view.getUint32(local, true) !== 0x04034b50 || Math.max(packed, length) > LIMIT || view.getUint16(at + 8, true) & 0x2041) { throw notZip(); }
    var called = String.fromCharCode.apply(null, bytes.subarray(local + 30, local + 30 + view.getUint16(local + 26, true)));
    if (called !== name || view.getUint16(local + 8, true) !== method) { throw notZip(); }
    var start = local + 30 + name.length + view.getUint16(local + 28, true);
    var raw = bytes.subarray(start, start + packed);
    if (raw.length !== packed || (method !== 0 && method !== 8)) { throw notZip(); }
    var content = method === 8 ? await inflate(raw, length) : raw;
    if (content.length !== length || crc32(content) !== crc) { throw notZip(); }
    return content;
  }

  /* `list`: the File objects chosen by the reader: a zip, or the three files. */
  async function readFiles(list) {
    var files = {};
    for (var i = 0; i < list.length; i++) {
      need(list[i].size <= 3 * LIMIT + 4096, "文件过大", "a file is too large");
      var bytes = new Uint8Array(await list[i].arrayBuffer());
      if (list.length === 1 && bytes[0] === 0x50 && bytes[1] === 0x4b) { return unzip(bytes); }
      need(list[i].size <= LIMIT, "文件过大", "a file is too large");
      files[list[i].name] = bytes;
    }
    return files;
  }

  /* --- The page --------------------------------------------------------------------- */

  function byId(id) { return document.getElementById(id); }
  var state = { checks: null, files: null };

  function both(tag, words, className) {
    var element = document.createElement(tag);
    if (className) { element.className = className; }
    ["zh-CN", "en"].forEach(function (language, i) {
      var span = document.createElement("span");
      span.lang = language;
      span.textContent = words[i];
      element.append(span);
    });
    return element;
  }

  function show(id, visible) { byId(id).hidden = !visible; }

  async function start(list) {
    if (!list.length) { return; }
    show("outcome", false);
    show("working", true);
    byId("progress").removeAttribute("value");
    await new Promise(function (resolve) { setTimeout(resolve, 30); });
    state.files = {};
    try {
      state.files = await readFiles(list);
      state.checks = await verify(state.files, function (done, total) {
        byId("progress").max = total;
        byId("progress").value = done;
      });
    } catch (error) {
      state.checks = outcome(Object.fromEntries(Object.keys(CHECKS).map(function (name) {
        return [name, name === "files" ? wordsOf(error) : LATER];
      })));
    }
    show("working", false);
    present();
  }

  function present() {
    var failed = state.checks.filter(function (check) { return !check.passed; });
    var list = byId("checks");
    list.replaceChildren.apply(list, state.checks.map(function (check) {
      var item = document.createElement("li");
      item.className = check.passed ? "pass" : "fail";
      item.dataset.check = check.name;
      item.append(both("span", check.passed ? ["通过", "pass"] : ["未通过", "fail"], "mark"));
      item.append(both("span", CHECKS[check.name], "title"));
      if (!check.passed) { item.append(both("span", check.detail, "detail")); }
      return item;
    }));
    byId("failed-count").textContent = byId("failed-count-en").textContent = String(failed.length);
    show("all-passed", failed.length === 0);
    show("some-failed", failed.length > 0);
    show("mine", failed.length === 0);
    if (!failed.length) { presentFacts(); }
    show("outcome", true);
    document.body.dataset.outcome = failed.length ? "failed" : "passed";
    byId(failed.length ? "some-failed" : "all-passed").focus();
    presentTicket();
  }

  function presentFacts() {
    var roster = parse(state.files["roster.json"]), result = parse(state.files["result.json"]);
    var source = roster.entropy_source;
    byId("fact-round").textContent = roster.round;
    byId("fact-digest").textContent = result.roster_sha256;
    byId("fact-event").textContent = source.name + " · " + source.at;
    byId("fact-value").textContent = parse(state.files["reveal.json"]).entropy;
  }

  function presentTicket() {
    var wanted = byId("ticket").value.trim().toUpperCase();
    var answer = byId("answer");
    answer.replaceChildren();
    if (!wanted || !state.checks || state.checks.some(function (check) { return !check.passed; })) { return; }
    var rows = parse(state.files["result.json"]).assignments;
    var row = rows.find(function (each) { return each.ticket.toUpperCase() === wanted; });
    if (!row) {
      answer.append(both("p", ["名册里没有这个号。请对照通知再看一遍。", "This number is not in the roster. Please compare it with your notice."]));
      return;
    }
    var reserve = rows.filter(function (each) { return each.home === null && each.position <= row.position; }).length;
    var plate = document.createElement("p");
    plate.className = "plate";
    plate.textContent = row.home || row.ticket;
    answer.append(plate, both("p", row.home
      ? ["第 " + row.position + " 位，摇到这套房。", "Position " + row.position + ": this home was drawn for you."]
      : ["第 " + row.position + " 位，这次没有摇到房源，是候补第 " + reserve + " 位。",
        "Position " + row.position + ": no home this time; number " + reserve + " in reserve."]));
  }

  function setLanguage(language) {
    document.documentElement.lang = language;
    byId("to-en").hidden = language === "en";
    byId("to-zh").hidden = language !== "en";
    document.title = language === "en" ? "Check a draw" : "核对摇号结果";
  }

  function wire() {
    var input = byId("files"), drop = byId("drop");
    setLanguage(location.hash === "#en" ? "en" : "zh-CN");
    byId("to-en").addEventListener("click", function () { setLanguage("en"); });
    byId("to-zh").addEventListener("click", function () { setLanguage("zh-CN"); });
    if (!window.crypto || !crypto.subtle) { show("no-crypto", true); show("drop", false); return; }
    input.addEventListener("change", function () {
      var chosen = Array.from(input.files);
      input.value = ""; /* so that the same file can be chosen again */
      start(chosen);
    });
    ["dragover", "drop"].forEach(function (kind) {
      drop.addEventListener(kind, function (event) { event.preventDefault(); });
    });
    drop.addEventListener("drop", function (event) { start(Array.from(event.dataTransfer.files)); });
    byId("mine").addEventListener("submit", function (event) { event.preventDefault(); presentTicket(); });
    document.body.dataset.ready = "yes";
  }

  window.YzDraw = { verify: verify, unzip: unzip, canonical: write, matches: matches };
  wire();
})();
