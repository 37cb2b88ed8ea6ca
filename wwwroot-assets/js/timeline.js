// Draws who used the base when. The server sends the columns that changed; this keeps the window and draws it at each message only:
// an animation would take time from what it shows.
const bytesPerSlot = 3, railHeight = 3, gap = 4, backwardTint = 0.45;
const views = new WeakMap();

export function open(canvas, readout, owner, { slots, slotSeconds, laneHeight }) {
  if (!canvas) return;
  const view = { canvas, readout, slots, slotSeconds, laneHeight, newest: 0, lanes: [] };
  const redraw = () => paint(view);
  // A tab that was hidden for long may have lost its connection: said again until the server has heard it.
  const visible = () => views.has(canvas) && owner.invokeMethodAsync("SetVisible", document.visibilityState === "visible").catch(() => setTimeout(visible, 2000));
  const observer = new ResizeObserver(redraw);
  observer.observe(canvas);
  document.addEventListener("studio-theme", redraw);
  document.addEventListener("visibilitychange", visible);
  canvas.addEventListener("pointermove", event => tell(view, event));
  canvas.addEventListener("pointerleave", () => (readout.textContent = ""));
  view.close = () => {
    observer.disconnect();
    document.removeEventListener("studio-theme", redraw);
    document.removeEventListener("visibilitychange", visible);
  };
  views.set(canvas, view);
}

export function close(canvas) {
  views.get(canvas)?.close();
  views.delete(canvas);
}

export function draw(canvas, frame, looks) {
  const view = views.get(canvas);
  if (!view) return;
  const before = new Map(view.lanes.map(lane => [lane.id, lane.data]));
  const shift = Math.min(view.slots, frame.newest - view.newest) * bytesPerSlot;
  const width = frame.columns * bytesPerSlot;
  view.lanes = frame.lanes.map((id, index) => {
    const data = before.get(id) ?? new Uint8Array(view.slots * bytesPerSlot);
    data.copyWithin(0, shift);
    data.set(frame.data.subarray(index * width, (index + 1) * width), data.length - width);
    return { id, data, ...looks[index] };
  });
  view.newest = frame.newest;
  paint(view);
}

function paint(view) {
  const { canvas, slots, laneHeight, lanes } = view;
  const width = canvas.clientWidth, height = canvas.clientHeight, scale = window.devicePixelRatio || 1;
  if (width === 0 || height === 0) return;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  // Colors come as css variables, so that they follow the theme.
  const style = getComputedStyle(canvas), color = name => style.getPropertyValue(name.replace(/^var\(|\)$/g, "")).trim();
  const ink = { shared: color("--mud-palette-text-primary"), line: color("--mud-palette-lines-default"), text: color("--mud-palette-text-secondary") };
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = Array.from({ length: slots + 1 }, (_, slot) => Math.round(slot * width * scale / slots) / scale);
  const bottom = lane => (lane + 1) * laneHeight - gap - railHeight - 1;

  axis(view, context, ink, width, height);
  lanes.forEach((lane, row) => {
    const base = bottom(row), tall = laneHeight - 2 * gap - railHeight;
    context.fillStyle = ink.line;
    context.fillRect(0, base, width, 1);
    context.fillStyle = color(lane.color);
    for (let slot = 0; slot < slots; slot++) {
      const [forward, backward] = [lane.data[slot * 3], lane.data[slot * 3 + 1]];
      if (forward + backward === 0) continue;
      // Busy at all must be seen: at least a pixel.
      const high = Math.max(1, tall * Math.min(255, forward + backward) / 255), low = high * forward / (forward + backward);
      context.globalAlpha = 1;
      context.fillRect(x[slot], base - low, x[slot + 1] - x[slot], low);
      context.globalAlpha = backwardTint;
      context.fillRect(x[slot], base - high, x[slot + 1] - x[slot], high - low);
    }
    context.globalAlpha = 1;
  });
  shared(view, context, ink, x, bottom);
}

// A rail below a lane where it shared products, and a thread between the lanes that shared in the same slot.
function shared({ slots, lanes }, context, ink, x, bottom) {
  context.fillStyle = ink.shared;
  for (let slot = 0; slot < slots; slot++) {
    const rows = lanes.flatMap((lane, row) => (lane.data[slot * 3 + 2] > 0 ? [row] : []));
    if (rows.length === 0) continue;
    for (const row of rows) {
      context.globalAlpha = 0.35 + 0.65 * lanes[row].data[slot * 3 + 2] / 255;
      context.fillRect(x[slot], bottom(row) + 2, x[slot + 1] - x[slot], railHeight);
    }
    context.globalAlpha = 0.22;
    const [top, end] = [bottom(rows[0]) + 2, bottom(rows.at(-1)) + 2];
    context.fillRect(x[slot], top, Math.max(1, (x[slot + 1] - x[slot]) / 2), end - top);
  }
  context.globalAlpha = 1;
}

function axis({ slots, slotSeconds, lanes, laneHeight }, context, ink, width, height) {
  const seconds = slots * slotSeconds, end = lanes.length * laneHeight;
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "bottom";
  for (let second = 0; second <= seconds; second++) {
    const at = width - second * width / seconds;
    context.fillStyle = ink.line;
    context.fillRect(Math.min(width - 1, Math.round(at)), 0, 1, end + 4);
    context.fillStyle = ink.text;
    context.textAlign = second === 0 ? "right" : second === seconds ? "left" : "center";
    context.fillText(second === 0 ? "now" : `−${second} s`, at, height);
  }
}

function tell(view, event) {
  const row = Math.floor(event.offsetY / view.laneHeight), lane = view.lanes[row];
  const slot = Math.min(view.slots - 1, Math.max(0, Math.floor(event.offsetX * view.slots / view.canvas.clientWidth)));
  if (!lane) {
    view.readout.textContent = "";
    return;
  }
  const percent = part => `${Math.round(lane.data[slot * 3 + part] / 2.55)} %`;
  const ago = ((view.slots - 1 - slot) * view.slotSeconds).toFixed(2);
  view.readout.textContent = `${ago} s ago · ${lane.name}: forward ${percent(0)}, backward ${percent(1)}, shared ${percent(2)}`;
}
