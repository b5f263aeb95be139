"use strict";
// Chart specifications name colours of the palette; they are resolved for the light or dark scheme in force.
const SCHEME = window.matchMedia("(prefers-color-scheme: dark)");

const SERIES = ["#d1832a", "#8a63c9", "#2b9c9c", "#c95a93", "#7f8f2b", "#b5523b", "#4f9bd9", "#5aa36a", "#a3875a"];

function palette() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "muted", "line", "accent", "gain", "loss", "card"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

function coloured(value, colours) {
  if (Array.isArray(value)) return value;
  if (value === null || typeof value !== "object") return value;
  const copy = {};
  for (const [key, inner] of Object.entries(value)) {
    copy[key] = key === "color" && inner in colours ? colours[inner] : coloured(inner, colours);
  }
  return copy;
}

function axis(own, colours) {
  return { gridcolor: colours.line, zerolinecolor: colours.line, linecolor: colours.line, ...own };
}

function draw(name) {
  const chart = CHARTS[name];
  const colours = palette();
  const layout = {
    ...chart.layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: colours.ink, family: "system-ui, sans-serif", size: 12 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colours.muted, activecolor: colours.ink },
    hoverlabel: { bgcolor: colours.card, font: { color: colours.ink } },
    colorway: [colours.accent, ...SERIES],
    xaxis: axis({ type: "date", ...chart.layout.xaxis }, colours),
    yaxis: axis(chart.layout.yaxis, colours),
  };
  if (chart.layout.yaxis2) layout.yaxis2 = axis(chart.layout.yaxis2, colours);
  const data = chart.data.map((trace) => coloured(trace, colours));
  Plotly.react(name, data, layout, {
    responsive: true,
    displaylogo: false,
    displayModeBar: window.innerWidth > 700 ? "hover" : false,
    scrollZoom: true,
    showSendToCloud: false, // nothing leaves the file
  });
}

// Charts are drawn when they come near the screen, so that a page of many runs opens at once.
const drawn = new Set();
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting && !drawn.has(entry.target.id)) {
      drawn.add(entry.target.id);
      draw(entry.target.id);
    }
  }
}, { rootMargin: "600px" });
for (const name of Object.keys(CHARTS)) {
  const element = document.getElementById(name);
  element.style.minHeight = CHARTS[name].layout.height + "px";
  near.observe(element);
}
SCHEME.addEventListener("change", () => drawn.forEach(draw));
window.addEventListener("beforeprint", () => Object.keys(CHARTS).forEach(draw));
