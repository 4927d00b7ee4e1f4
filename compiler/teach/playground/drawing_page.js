// drawing_page.js: the page of a network that reads a picture. Here strokes become pixels and numbers
// become colours; what the network makes of the pixels is computed by the module (playground_engine.js).
"use strict";

const model = JSON.parse(document.getElementById("model").textContent);
const $ = id => document.getElementById(id);
const [height, width] = model.input.shape;
const fine = 8;      // pixels of the drawing for one of the network's
const strokes = [];  // lists of points, in the network's pixels
let reader, stroke = null, pen = [width / 2, height / 2], stages = [];

function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
}

function digits(value, count = 4) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
    return String(Number(value.toPrecision(count))).replace("-", "−").replace("e−", "e−");
}

// --- from strokes to pixels

// The strokes as a picture `scale` times as large as the network's, moved by (dx, dy) after `fit`.
function paint(scale, line, fit = 1, dx = 0, dy = 0) {
    const canvas = make("canvas", { width: width * scale, height: height * scale }), to = canvas.getContext("2d", { willReadFrequently: true });
    to.fillStyle = "#000";
    to.fillRect(0, 0, canvas.width, canvas.height);
    to.strokeStyle = "#fff";
    to.lineWidth = line * scale;
    to.lineCap = to.lineJoin = "round";
    for (const points of strokes) {
        to.beginPath();
        points.forEach(([x, y], i) => to[i ? "lineTo" : "moveTo"]((x * fit + dx) * scale, (y * fit + dy) * scale));
        if (points.length === 1) to.lineTo((points[0][0] * fit + dx) * scale + 0.1, (points[0][1] * fit + dy) * scale);
        to.stroke();
    }
    return to.getImageData(0, 0, canvas.width, canvas.height).data;
}

// Means over the fine pixels, from 0 to the brightest.
function shrink(data) {
    const pixels = new Float64Array(width * height);
    for (let y = 0; y < height * fine; y++)
        for (let x = 0; x < width * fine; x++)
            pixels[Math.floor(y / fine) * width + Math.floor(x / fine)] += data[4 * (y * width * fine + x)];
    return pixels.map(sum => Math.round(sum / (fine * fine)) / 255 * model.brightest);
}

// The larger side becomes 20 of 28 pixels, the centre of mass the middle, as in MNIST.
function centred(line) {
    const points = strokes.flat(), xs = points.map(p => p[0]), ys = points.map(p => p[1]);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const room = 20 / 28 * Math.min(width, height) - line, size = Math.max(right - left, bottom - top);
    const fit = size > 1 ? Math.min(room / size, 4) : 1;
    let dx = width / 2 - fit * (left + right) / 2, dy = height / 2 - fit * (top + bottom) / 2;
    const first = shrink(paint(fine, line, fit, dx, dy));
    let sum = 0, x_sum = 0, y_sum = 0;
    first.forEach((value, i) => {
        sum += value;
        x_sum += value * (i % width + 0.5);
        y_sum += value * (Math.floor(i / width) + 0.5);
    });
    const clamp = (value, low, high) => Math.max(low, Math.min(high, value)); // nothing is cut off
    dx = clamp(dx + width / 2 - x_sum / sum, line / 2 - fit * left, width - line / 2 - fit * right);
    dy = clamp(dy + height / 2 - y_sum / sum, line / 2 - fit * top, height - line / 2 - fit * bottom);
    return shrink(paint(fine, line, fit, dx, dy));
}

function pixels_of_strokes() {
    const line = Number($("pen").value) / 4 * Math.min(width, height) / 28;
    if (!strokes.length) return new Float64Array(width * height);
    return $("centre").checked ? centred(line) : shrink(paint(fine, line));
}

// --- the drawing area

function show_pad() {
    const pad = $("pad"), to = pad.getContext("2d"), size = Math.round(pad.clientWidth || 300);
    const ratio = size / width, line = Number($("pen").value) / 4 * Math.min(width, height) / 28;
    pad.width = size;
    pad.height = Math.round(size * height / width);
    const style = getComputedStyle(document.documentElement);
    to.fillStyle = style.getPropertyValue("--paper");
    to.fillRect(0, 0, pad.width, pad.height);
    to.strokeStyle = style.getPropertyValue("--ink");
    to.lineWidth = line * ratio;
    to.lineCap = to.lineJoin = "round";
    for (const points of strokes) {
        to.beginPath();
        points.forEach(([x, y], i) => to[i ? "lineTo" : "moveTo"](x * ratio, y * ratio));
        if (points.length === 1) to.lineTo(points[0][0] * ratio + 0.1, points[0][1] * ratio);
        to.stroke();
    }
    if (!pad.matches(":focus-visible")) return;
    to.strokeStyle = style.getPropertyValue("--accent");
    to.lineWidth = 2;
    to.beginPath();
    to.arc(pen[0] * ratio, pen[1] * ratio, 6, 0, 7);
    to.stroke();
}

function add_pad() {
    const pad = $("pad");
    const place = event => {
        const box = pad.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
    };
    pad.addEventListener("pointerdown", event => {
        pad.setPointerCapture(event.pointerId);
        strokes.push(stroke = [place(event)]);
        look();
    });
    pad.addEventListener("pointermove", event => {
        if (!stroke) return;
        for (const e of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) stroke.push(place(e));
        look();
    });
    for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => stroke = null);
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    pad.addEventListener("keydown", event => {
        const by = step[event.key];
        if (!by) return;
        event.preventDefault();
        const from = pen;
        pen = [Math.min(width - 1, Math.max(1, pen[0] + by[0])), Math.min(height - 1, Math.max(1, pen[1] + by[1]))];
        if (event.shiftKey) strokes.push([from, pen]), look();
        else show_pad();
    });
    for (const event of ["focus", "blur"]) pad.addEventListener(event, show_pad);
}

// --- from numbers to colours

function rgb(name) {
    const to = make("canvas", { width: 1, height: 1 }).getContext("2d");
    to.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
    to.fillRect(0, 0, 1, 1);
    return to.getImageData(0, 0, 1, 1).data;
}

let colours;

function read_colours() {
    colours = { zero: rgb("--paper"), plus: rgb("--plus"), minus: rgb("--minus"), ink: rgb("--ink") };
}

// From paper at 0 to one colour at `most`, to the other at -most.
function colour(canvas, values, most, plus = colours.plus) {
    const to = canvas.getContext("2d"), image = to.createImageData(canvas.width, canvas.height);
    values.forEach((value, i) => {
        const share = most > 0 ? Math.min(1, Math.abs(value) / most) : 0, full = value < 0 ? colours.minus : plus;
        for (let k = 0; k < 3; k++) image.data[4 * i + k] = colours.zero[k] + share * (full[k] - colours.zero[k]);
        image.data[4 * i + 3] = 255;
    });
    to.putImageData(image, 0, 0);
}

// --- stages

function add_stage(stage) {
    const shape = stage.shape, columns = shape[shape.length - 1], rows = shape.length > 1 ? shape[shape.length - 2] : 1;
    const channels = shape.length > 2 ? shape[0] : 1, pictures = make("div", { class: "pictures" }), range = make("span", { class: "note" });
    const canvases = [];
    if (shape.length < 2) pictures.classList.add("line");
    for (let c = 0; c < channels; c++) {
        const canvas = make("canvas", { width: columns, height: rows, role: "img", "aria-label": `${stage.name}, channel ${c}` });
        canvases.push(canvas);
        pictures.append(canvas);
    }
    const more = make("details", {}, make("summary", {}, "equation and C"));
    for (const equation of stage.equations) {
        const box = make("div", { class: "formula" });
        box.innerHTML = equation;
        more.append(box);
    }
    if (stage.c) more.append(make("pre", { tabindex: "0" }, make("code", {}, stage.c)));
    const head = make("div", { class: "heading" }, make("h3", {}, stage.kind || stage.name, make("small", {}, ` ${stage.name} [${shape.join(", ")}]`)), range);
    $("stages").append(make("section", { class: "stage card" }, head, pictures, more));
    return { stage, canvases, range, size: rows * columns };
}

function show_stage({ stage, canvases, range, size }) {
    const values = reader.view(stage.type, reader.code.address(stage.block) + stage.offset, canvases.length * size);
    let low = Infinity, high = -Infinity;
    for (const value of values) low = Math.min(low, value), high = Math.max(high, value);
    const most = Math.max(Math.abs(low), Math.abs(high));
    canvases.forEach((canvas, c) => {
        const part = values.subarray(c * size, (c + 1) * size);
        colour(canvas, part, most);
        canvas.title = `channel ${c}: ${digits(part.reduce((a, b) => Math.min(a, b)))} to ${digits(part.reduce((a, b) => Math.max(a, b)))}`;
    });
    range.textContent = `${digits(low)} to ${digits(high)}`;
}

// --- everything together

function show_shares() {
    const shares = reader.shares, best = shares.indexOf(shares.reduce((a, b) => Math.max(a, b)));
    shares.forEach((share, k) => {
        const row = $("bars").children[k], percent = `${(100 * share).toFixed(1)} %`;
        row.classList.toggle("best", k === best && strokes.length > 0);
        row.querySelector(".fill").style.width = `${100 * share}%`;
        row.querySelector(".percent").textContent = percent;
        row.title = String(share);
    });
    $("answer").textContent = strokes.length ? `class ${best}, ${(100 * shares[best]).toFixed(1)} %` : "nothing drawn yet";
}

let is_due = false;

// What is drawn goes through the network, once a frame.
function look() {
    if (is_due) return;
    is_due = true;
    requestAnimationFrame(() => {
        is_due = false;
        show_pad();
        const pixels = pixels_of_strokes();
        reader.read(pixels);
        colour($("seen"), pixels, model.brightest, colours.ink);
        for (const stage of stages) show_stage(stage);
        show_shares();
    });
}

function add_bars() {
    for (let k = 0; k < model.classes; k++)
        $("bars").append(make("div", { class: "bar-row" }, make("span", { class: "class" }, String(k)),
            make("span", { class: "track" }, make("span", { class: "fill" })), make("span", { class: "percent number" })));
}

async function start() {
    const bytes = Uint8Array.from(atob($("module").textContent), c => c.charCodeAt(0));
    reader = await Reader.load(model, bytes);
    $("title").textContent = model.name;
    $("weights").textContent = model.weights;
    $("seen").width = width;
    $("seen").height = height;
    $("seen-note").textContent = `${width} × ${height} pixels, the input “${model.input.name}” before it is scaled`;
    read_colours();
    add_bars();
    stages = model.stages.map(add_stage);
    add_pad();
    $("clear").addEventListener("click", () => { strokes.length = 0; look(); });
    $("pen").addEventListener("input", look);
    $("centre").addEventListener("change", look);
    addEventListener("resize", show_pad);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { read_colours(); look(); });
    look();
    requestAnimationFrame(() => document.body.dataset.ready = "true");
}

start().catch(error => {
    $("status").textContent = `This page cannot run its network: ${error.message}. A browser with WebAssembly is needed.`;
    throw error;
});
