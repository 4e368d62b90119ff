/* Draws every [data-chart] from its JSON (see the chart component). Canvas renderer and
   rich-text tooltips keep a strict CSP; without JavaScript the table below is the chart. */
(function () {
  "use strict";
  if (!window.echarts) return;
  var style = getComputedStyle(document.body);
  function token(name) { return style.getPropertyValue(name).trim(); }
  var COLOURS = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-rest"].map(token);
  if (document.body.classList.contains("face-wall")) COLOURS[0] = token("--blue");
  var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var SIZE = parseFloat(getComputedStyle(document.documentElement).fontSize) * (document.body.classList.contains("face-wall") ? 1.125 : 0.8125);
  var wan = document.documentElement.lang !== "en";

  function short(number) {
    if (!wan || Math.abs(number) < 10000) return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return (Math.round(number / 1000) / 10) + "万";
  }

  function option(data) {
    var sideways = data.kind === "hbar";
    var size = SIZE;
    var text = { color: token("--ink-2"), fontFamily: style.fontFamily, fontSize: size };
    var names = { type: "category", data: data.categories, inverse: sideways, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--control") } }, axisLabel: text };
    var numbers = { type: "value", min: 0, axisLabel: Object.assign({ formatter: short }, text), splitLine: { lineStyle: { color: token("--line") } }, name: data.unit || "", nameTextStyle: text, nameLocation: "end" };
    var many = data.series.length > 1;
    var series = data.series.map(function (one, at) {
      var line = data.kind === "line";
      var made = {
        name: one.name, data: one.values, type: line ? "line" : "bar",
        stack: data.kind === "stack" ? "all" : undefined,
        barMaxWidth: 48, barCategoryGap: data.kind === "histogram" ? "4%" : "35%",
        symbol: ["circle", "rect", "triangle", "diamond", "roundRect"][at % 5], symbolSize: 7, lineStyle: { width: 2.5 },
        label: { show: !many && !line, position: sideways ? "right" : "top", color: token("--ink"), fontSize: size, textBorderColor: token("--surface"), textBorderWidth: 3, formatter: function (point) { return short(point.value); } }
      };
      if (line) made.endLabel = { show: true, formatter: "{a}", color: COLOURS[at % COLOURS.length], fontSize: size, fontFamily: style.fontFamily };
      return made;
    });
    return {
      animation: !still, animationDuration: 150, color: COLOURS, textStyle: text,
      grid: { left: 8, right: data.kind === "line" ? 88 : data.target || data.marks ? 40 : sideways ? 16 + 8 * (data.unit || "").length : 24, top: data.unit ? 44 : 28, bottom: 8, containLabel: true },
      legend: many && data.kind !== "line" ? { top: 0, right: 0, textStyle: text } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: short },
      xAxis: sideways ? numbers : names, yAxis: sideways ? names : numbers, series: series
    };
  }

  /* Target and limits: dashed lines on the chart's own canvas (the small build has no markLine). */
  function lines(chart, data, old) {
    var zr = chart.getZr(), made = [];
    old.forEach(function (shape) { zr.remove(shape); });
    var sideways = data.kind === "hbar", count = data.categories.length;
    var size = SIZE;
    function put(x1, y1, x2, y2, words, align) {
      var ink = token("--ink-2");
      made.push(new window.echarts.graphic.Line({ z: 50, silent: true, shape: { x1: x1, y1: y1, x2: x2, y2: y2 }, style: { stroke: ink, lineWidth: 1.5, lineDash: [5, 4] } }));
      made.push(new window.echarts.graphic.Text({ z: 50, silent: true, x: align === "left" ? x2 + 4 : align === "over" ? x1 + 5 : x1, y: align === "left" ? y2 : align === "over" ? y1 : y1 - 2, style: { text: String(words), fill: ink, fontSize: size, fontFamily: style.fontFamily, align: align === "over" ? "left" : align, verticalAlign: align === "left" ? "middle" : align === "over" ? "top" : "bottom" } }));
    }
    function across(index) { return chart.convertToPixel(sideways ? { yAxisIndex: 0 } : { xAxisIndex: 0 }, index); }
    function along(value) { return chart.convertToPixel(sideways ? { xAxisIndex: 0 } : { yAxisIndex: 0 }, value); }
    var band = count > 1 ? Math.abs(across(1) - across(0)) : 0;
    var box = chart.getModel().getComponent("grid").coordinateSystem.getRect();
    if (data.target !== undefined && data.target !== null && !sideways) put(box.x, along(data.target), box.x + box.width, along(data.target), data.target, "left");
    if (data.target !== undefined && data.target !== null && sideways) put(along(data.target), box.y, along(data.target), box.y + box.height, data.target, "center");
    (data.marks || []).forEach(function (mark) {
      var index = data.categories.indexOf(mark.at);
      if (index < 0 || sideways) return;
      var x = across(index) + band / 2;
      put(x, box.y, x, box.y + box.height, mark.label, "over");
    });
    made.forEach(function (shape) { zr.add(shape); });
    return made;
  }

  function draw(figure) {
    if (figure.classList.contains("is-drawn")) return;
    var source = figure.querySelector("script[type='application/json']");
    var place = figure.querySelector("[data-chart-canvas]");
    if (!source || !place) return;
    figure.classList.add("is-drawn");
    var chart = window.echarts.init(place, null, { renderer: "canvas" });
    var data = JSON.parse(source.textContent);
    chart.setOption(option(data));
    var drawn = lines(chart, data, []);
    var table = figure.querySelector("details");
    if (table) table.open = false;
    if (window.ResizeObserver) new ResizeObserver(function () { chart.resize(); drawn = lines(chart, data, drawn); }).observe(place);
  }
  function all(scope) { scope.querySelectorAll("[data-chart]").forEach(draw); }
  all(document);
  document.addEventListener("htmx:afterSwap", function (event) { all(event.detail.elt); });
})();
