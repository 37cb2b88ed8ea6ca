// Plotly follows the window's size only. The frame of a chart also changes when the navigation opens or closes beside it.
const widths = new WeakMap();
let timer = 0;

const observer = new ResizeObserver(entries => {
  for (const entry of entries) {
    const before = widths.get(entry.target);
    widths.set(entry.target, entry.contentRect.width);
    if (before === undefined || before === entry.contentRect.width) continue;
    clearTimeout(timer);
    timer = setTimeout(() => window.dispatchEvent(new Event("resize")), 80);
  }
});

export function follow(frame) {
  if (frame) observer.observe(frame);
}
