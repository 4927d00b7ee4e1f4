// lesson_page.js: the page of a small network. It shows the numbers of a Lesson (playground_engine.js)
// and passes on what a person changes; the only arithmetic here is that of places on the screen.
"use strict";

const model = JSON.parse(document.getElementById("model").textContent);
const $ = id => document.getElementById(id);
const shown = []; // every place of the page that shows a number
let lesson, chosen = { tensor: model.loss_tensor, element: 0 };
let has_values = false, has_gradients = false, sample = 0, tick = 0, timer = 0;

// --- text

// Six significant digits, or as many as asked for.
function digits(value, count = 6) {
    if (Number.isNaN(value)) return "not a number";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const rounded = Number(value.toPrecision(count)), size = Math.abs(rounded);
    const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? rounded.toExponential() : String(rounded);
    return text.replace("-", "−").replace("e-", "e−").replace("e+", "e");
}

function elements(t) {
    return t.shape.reduce((product, extent) => product * extent, 1);
}

// "h1", "linear_1.weight[0,1]"
function element_name(t, element) {
    const at = [];
    for (let k = t.shape.length; k--;) {
        at[k] = element % t.shape[k];
        element = Math.floor(element / t.shape[k]);
    }
    return at.length ? `${t.name}[${at.join(",")}]` : t.name;
}

function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (value === true) made.setAttribute(key, "");
        else if (value !== false && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
}

// Markup that netc made: MathML and the picture.
function markup(html, attributes) {
    const made = make("div", attributes);
    made.innerHTML = html;
    return made;
}

const is_given = t => t.role === "input" || t.role === "target";
const is_free = t => is_given(t) || t.role === "param" || t.role === "state";

// --- places that show a number

// Shows tensor[element] in `place` from now on; within a sample if `relative`.
function show(place, tensor, element, options = {}) {
    const t = model.tensors[tensor];
    if (!is_free(t)) place.classList.add(t.role === "gradient" ? "is-gradient" : "is-value");
    shown.push({ place, tensor, element, last: undefined, ...options });
}

// Registers every marked place inside of `root`.
function show_marked(root, group) {
    for (const place of root.querySelectorAll("mn[data-t]"))
        show(place, +place.getAttribute("data-t"), +place.getAttribute("data-e"), { group, brackets: !place.hasAttribute("data-result") });
    for (const place of root.querySelectorAll("mn[data-lr]")) shown.push({ place, rate: true, group });
}

function forget(group) {
    for (let i = shown.length; i--;)
        if (shown[i].group === group) shown.splice(i, 1);
}

function is_known(t) {
    return is_free(t) || (t.role === "gradient" ? has_gradients : has_values);
}

// A field shows six digits, and all of them while one types in it.
function set_field(field, value) {
    field.value = document.activeElement === field ? String(value) : digits(value).replace("−", "-").replace("e−", "e-");
    field.title = String(value);
}

// Every number that is on the page, as it now stands in the module's memory.
function refresh(moves = true) {
    tick = 1 - tick;
    for (const s of shown) {
        if (s.rate) {
            s.place.textContent = digits(lesson.rate);
            continue;
        }
        const t = model.tensors[s.tensor];
        const each = t.samples ? elements(t) / t.shape[0] : 0;
        const element = s.relative ? s.element + sample * each : s.element;
        const value = lesson.read(s.tensor, element);
        if (Object.is(value, s.last) && s.known === is_known(t)) continue;
        const is_new = s.known && s.last !== undefined && moves && !timer;
        s.last = value;
        s.known = s.known || is_known(t);
        if (s.draw) s.draw(value);
        else if (s.field) set_field(s.place, value);
        else s.place.textContent = !s.known ? "·" : s.brackets && value < 0 ? `(${digits(value)})` : digits(value, s.count);
        if (s.exact) s.place.title = String(value);
        if (is_new && !s.field && !s.draw) s.place.dataset.moved = tick;
    }
}

// --- the three parts of a step

function note(text) {
    $("status").textContent = text;
}

function stand() {
    document.body.classList.toggle("stale-values", !has_values);
    document.body.classList.toggle("stale-gradients", !has_gradients);
    const next = !has_values ? "forward" : !has_gradients ? "backward" : "update";
    for (const id of ["forward", "backward", "update"]) $(id).classList.toggle("next", id === next);
    $("backward").disabled = !has_values;
    $("update").disabled = !has_gradients;
    $("step-count").textContent = String(lesson.step);
    $("batch-count").textContent = lesson.batches > 1 ? `batch ${lesson.batch + 1} of ${lesson.batches}` : "";
    if (has_values) $("loss").textContent = digits(lesson.loss);
    $("loss").title = has_values ? String(lesson.loss) : "";
}

function forward() {
    lesson.forward();
    has_values = true;
    has_gradients = false;
    curve.add(lesson.step, lesson.loss);
    if (Number.isFinite(lesson.loss)) return;
    pause();
    note("The loss is no finite number any more: the steps were too long. Reset, and take a smaller learning rate.");
}

function backward() {
    if (!has_values) forward();
    lesson.backward();
    has_gradients = true;
}

function update() {
    if (!has_gradients) backward();
    lesson.update();
    has_values = has_gradients = false;
}

// A whole step from wherever one stands; afterwards all numbers belong together again.
function step() {
    update();
    forward();
    backward();
}

function finish(moves) {
    stand();
    refresh(moves);
    show_chosen_numbers();
    curve.draw();
}

function act(action, text) {
    note("");
    action();
    if (text && !$("status").textContent) note(text());
    finish(true);
}

// What was computed before is computed again with the changed number.
function change(tensor, element, value) {
    if (!Number.isFinite(value)) return;
    lesson.write(tensor, element, value);
    const again = has_gradients;
    if (has_values) forward();
    if (again) backward();
    note("");
    finish(true);
}

// --- running

function run_many(count) {
    pause();
    note("");
    for (let i = 0; i < count; i++) {
        step();
        if (!Number.isFinite(lesson.loss)) break;
    }
    finish(true);
}

function pause() {
    cancelAnimationFrame(timer);
    timer = 0;
    $("run").textContent = "Run on";
    $("run").setAttribute("aria-pressed", "false");
}

function run_on() {
    if (timer) {
        pause();
        return;
    }
    let before = performance.now(), owed = 1;
    const frame = now => {
        owed = Math.min(owed + (now - before) / 1000 * Number($("speed").value), 50);
        before = now;
        timer = requestAnimationFrame(frame);
        if (owed < 1) return;
        for (; owed >= 1 && timer; owed--) step();
        finish(false);
    };
    note("");
    $("run").textContent = "Pause";
    $("run").setAttribute("aria-pressed", "true");
    timer = requestAnimationFrame(frame);
}

function reset() {
    pause();
    curve.put_aside();
    const rate = lesson.rate;
    lesson.begin();
    lesson.rate = rate;
    has_values = has_gradients = false;
    $("loss").textContent = "–";
    for (const s of shown) s.known = false, s.last = undefined;
    note("");
    finish(false);
}

// --- the curve of the loss

const curve = {
    points: [], before: [],

    // A step computed again with changed numbers has a new loss.
    add(step, loss) {
        const last = this.points[this.points.length - 1];
        if (last && last[0] === step) last[1] = loss;
        else this.points.push([step, loss]);
    },

    put_aside() {
        if (this.points.length > 1) this.before.push(this.points);
        if (this.before.length > 4) this.before.shift();
        this.points = [];
    },

    // 1, 2 or 5 times a power of ten, about `count` of them from low to high.
    ticks(low, high, count) {
        const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
        const unit = [1, 2, 5, 10].find(k => k * power >= rough) * power, found = [];
        for (let k = Math.ceil(low / unit); k * unit <= high + unit * 1e-9; k++) found.push(k * unit);
        return found;
    },

    decades(low, high) {
        const found = [];
        for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) found.push(10 ** k);
        return found;
    },

    draw() {
        const width = Math.max(280, $("plot").clientWidth || 600), height = 240, left = 62, bottom = 34, top = 10, right = 14;
        const is_log = $("logarithmic").checked, runs = [...this.before, this.points];
        const fits = p => Number.isFinite(p[1]) && (!is_log || p[1] > 0);
        const all = runs.flat().filter(fits);
        let last = 10, low = 0, high = 1;
        if (all.length) {
            last = all.reduce((most, p) => Math.max(most, p[0]), 10);
            high = all.reduce((most, p) => Math.max(most, p[1]), -Infinity);
            low = all.reduce((least, p) => Math.min(least, p[1]), is_log ? Infinity : 0);
        }
        let ticks = is_log && all.length ? this.decades(low, high) : [];
        if (ticks.length > 1) [low, high] = [ticks[0], ticks[ticks.length - 1]];
        else ticks = this.ticks(low, high > low ? high : low + 1, 4), high = high > low ? high * 1.04 : low + 1;
        const y_of = v => is_log ? (Math.log10(v) - Math.log10(low)) / (Math.log10(high) - Math.log10(low)) : (v - low) / (high - low);
        const x = s => left + (width - left - right) * s / last;
        const y = v => height - bottom - (height - bottom - top) * y_of(v);
        const path = points => {
            const every = Math.max(1, Math.floor(points.length / 2000));
            return points.filter((p, i) => fits(p) && (i % every === 0 || i === points.length - 1))
                .map((p, i) => `${i ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join("");
        };
        let svg = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The loss by step: ${this.points.length} points">`;
        for (const t of ticks)
            svg += `<path class="grid" d="M${left} ${y(t)}H${width - right}"/>` +
                `<text x="${left - 8}" y="${y(t) + 4}" text-anchor="end">${digits(t, 3)}</text>`;
        for (const t of this.ticks(0, last, Math.min(10, width / 90)))
            svg += `<text x="${x(t)}" y="${height - bottom + 17}" text-anchor="middle">${digits(t)}</text>`;
        svg += `<path class="axis" d="M${left} ${top}V${height - bottom}H${width - right}"/>`;
        for (const run of this.before) svg += `<path class="before" d="${path(run)}"/>`;
        svg += `<path class="line" d="${path(this.points)}"/>`;
        const end = this.points[this.points.length - 1];
        if (end && fits(end)) svg += `<circle cx="${x(end[0])}" cy="${y(end[1])}" r="4"/>`;
        $("plot").innerHTML = svg + "</svg>";
    }
};

// --- the chosen number

function field(tensor, element, group) {
    const t = model.tensors[tensor], is_class = t.type === "i32";
    const input = make("input", {
        type: "number", step: is_class ? 1 : "any", min: is_class ? 0 : undefined, max: is_class && t.classes ? t.classes - 1 : undefined,
        "aria-label": element_name(t, element), "data-field": element_name(t, element)
    });
    input.addEventListener("change", () => {
        let value = input.value.trim() === "" ? NaN : Number(input.value);
        if (is_class) value = Math.min(Math.max(0, Math.round(value)), Math.max(0, t.classes - 1));
        if (Number.isFinite(value)) change(tensor, element, value);
        set_field(input, lesson.read(tensor, element));
    });
    for (const event of ["focus", "blur"])
        input.addEventListener(event, () => set_field(input, lesson.read(tensor, element)));
    show(input, tensor, element, { field: true, group });
    return input;
}

function choose(tensor, element) {
    chosen = { tensor, element };
    for (const place of document.querySelectorAll(".chosen")) place.classList.remove("chosen");
    const t = model.tensors[tensor], each = t.samples ? elements(t) / t.shape[0] : elements(t);
    if (t.samples && $("sample").options.length) {
        sample = Math.floor(element / each);
        $("sample").value = String(sample);
    }
    for (const place of document.querySelectorAll(`#network [data-t="${tensor}"][data-s="${element % each}"]`))
        place.classList.add("chosen");
    document.querySelector(`[data-row="${tensor}"]`)?.classList.add("chosen");
    document.querySelector(`[data-cell="${tensor}:${element}"]`)?.classList.add("chosen");
    show_row_element(tensor, element);
    show_chosen();
}

// letters, numbers, result
function formula(tensor, element, group) {
    const t = model.tensors[tensor], made = make("div", { class: "formula" });
    const numbers = t.elements[element];
    if (numbers && numbers.includes("data-")) { // a constant is its own equation
        const end = t.role === "param" ? "" : `<mo>=</mo><mn data-t="${tensor}" data-e="${element}" data-result=""></mn>`;
        made.append(markup(numbers.replace(/^(<math[^>]*>)/, `$1<mo>${t.role === "param" ? "→" : "="}</mo>`).replace(/<\/math>$/, end + "</math>")));
        show_marked(made, group);
    }
    return made;
}

function show_chosen() {
    forget("chosen");
    const { tensor, element } = chosen, t = model.tensors[tensor], box = $("chosen");
    const value = make("div", { class: "big number", id: "chosen-value" }), exact = make("div", { class: "exact", id: "chosen-exact" });
    const head = make("h2", {}, markup(t.symbol, { style: "display: inline-block; margin-right: .6em" }), element_name(t, element));
    box.replaceChildren(head, value, exact);
    show(value, tensor, element, { group: "chosen" });
    const list = make("dl");
    list.append(make("dt", {}, "What"), make("dd", {}, what(t)));
    if (t.gradient >= 0) {
        const slope = make("button", { class: "number", onclick: () => choose(t.gradient, element) });
        show(slope, t.gradient, element, { group: "chosen" });
        list.append(make("dt", {}, "Gradient"), make("dd", {}, slope));
    }
    box.append(list);
    if (is_free(t) && t.role !== "state") box.append(change_box(tensor, element));
    if (t.equations.length) box.append(make("h2", {}, t.role === "param" ? "Its update" : "Its equation"));
    for (const equation of t.equations) box.append(markup(equation, { class: "formula" }));
    box.append(formula(tensor, element, "chosen"));
    const lines = t.role === "param" ? model.optimizer_c : t.c;
    if (lines) box.append(make("h2", {}, "Its C"), make("pre", { tabindex: "0" }, make("code", {}, lines)));
    if (lesson) refresh(false), show_chosen_numbers();
}

function what(t) {
    const words = {
        input: "input", target: "target", param: "weight, trained", state: "kept between steps", value: "computed forward",
        gradient: "computed backward"
    };
    return words[t.role] ?? t.role;
}

// A field, and a slider where the number is real.
function change_box(tensor, element) {
    const t = model.tensors[tensor], box = make("div", {}, make("h2", {}, "Change it"));
    box.append(field(tensor, element, "chosen"));
    if (t.type === "i32") return box;
    const slider = make("input", { type: "range", min: -2, max: 2, step: 0.01, "aria-label": `${element_name(t, element)}, slider` });
    slider.addEventListener("input", () => change(tensor, element, Number(slider.value)));
    show(slider, tensor, element, { group: "chosen", draw: value => { if (document.activeElement !== slider) slider.value = String(value); } });
    box.append(slider);
    return box;
}

// All digits of the chosen number.
function show_chosen_numbers() {
    const { tensor, element } = chosen, t = model.tensors[tensor];
    const place = $("chosen-exact");
    if (place) place.textContent = is_known(t) ? `exactly ${lesson.read(tensor, element)}` : "not computed yet for these weights";
}

// --- all numbers

const row_element = {}; // by tensor: the element whose numbers its row shows

function show_row_element(tensor, element) {
    const place = $("all").querySelector(`[data-row="${tensor}"] .formula-numbers`);
    if (!place || row_element[tensor] === element) return;
    row_element[tensor] = element;
    forget("row" + tensor);
    const t = model.tensors[tensor], made = formula(tensor, element, "row" + tensor);
    if (t.shape.length && made.firstChild) made.prepend(make("small", { class: "exact" }, element_name(t, element)));
    place.replaceChildren(made);
    if (lesson) refresh(false);
}

function cells(tensor) {
    const t = model.tensors[tensor], columns = t.shape.length ? t.shape[t.shape.length - 1] : 1;
    const box = make("div", { class: "cells", style: `grid-template-columns: repeat(${columns}, max-content)` });
    for (let e = 0; e < elements(t); e++) {
        if (is_free(t) && t.role !== "state") {
            const label = make("label", {}, ...(t.shape.length ? [make("small", {}, element_name(t, e).slice(t.name.length))] : []), field(tensor, e));
            box.append(label);
            continue;
        }
        const cell = make("button", { "data-cell": `${tensor}:${e}`, "data-name": element_name(t, e), "aria-label": element_name(t, e) });
        cell.addEventListener("click", () => choose(tensor, e));
        const number = make("span");
        cell.append(number);
        show(number, tensor, e, { exact: true });
        box.append(cell);
    }
    return box;
}

function row_class(t) {
    if (is_given(t)) return t.shape.length ? "row given wide" : "row given";
    if (t.role === "param" && !t.shape.length) return "row weight";
    return t.shape.length && elements(t) > 2 ? "row matrix wide" : "row wide";
}

function add_row(section, tensor) {
    const t = model.tensors[tensor];
    const name = make("div", { class: "name" }, markup(t.symbol));
    name.append(make("small", {}, t.name + (t.shape.length ? ` [${t.shape.join(", ")}]` : "")));
    const row = make("div", { class: row_class(t), "data-row": tensor }, name, cells(tensor));
    if (!is_given(t)) {
        const formulas = make("div", { class: "formula" });
        for (const equation of t.equations) formulas.append(markup(equation));
        formulas.append(make("div", { class: "formula-numbers" }));
        row.append(formulas, t.c ? make("pre", { tabindex: "0", "aria-label": `C of ${t.name}` }, make("code", {}, t.c)) : make("div"));
    }
    section.append(row);
    if (!is_given(t)) show_row_element(tensor, 0);
}

function add_group(title, about, wanted) {
    const list = model.tensors.map((t, i) => i).filter(i => wanted(model.tensors[i]));
    if (!list.length) return null;
    const section = make("section", { class: list.some(i => /given|weight/.test(row_class(model.tensors[i]))) ? "group flow" : "group" }, make("h2", {}, title), make("p", { class: "note" }, about));
    $("all").append(section);
    for (const i of list) add_row(section, i);
    return section;
}

function add_all() {
    add_group("Given", "Inputs and targets of this batch. Type another number.", is_given);
    const weights = add_group("Weights", "Where training begins, and what each update changes. Type another number.",
        t => t.role === "param" || t.role === "state");
    add_group("Forward", "From the inputs to the loss.", t => t.role === "value");
    add_group("Backward", "The gradient of the loss, from the loss back to the weights.", t => t.role === "gradient");
    if (weights && model.optimizer_c)
        weights.append(make("div", { class: "update wide" }, make("p", {}, `The update in C (${model.optimizer}):`),
            make("pre", { tabindex: "0" }, make("code", {}, model.optimizer_c))));
}

// --- the picture

function draw_weight(path, value) {
    path.style.stroke = value < 0 ? "var(--minus)" : "var(--plus)";
    path.style.strokeWidth = String(0.8 + 3.2 * Math.min(1, Math.abs(value) / 2));
}

function add_picture() {
    $("network").innerHTML = model.picture;
    $("network").querySelector("marker")?.setAttribute("markerUnits", "userSpaceOnUse"); // lines get thicker, their tips do not
    const svg = $("network").querySelector("svg");
    if (svg) {
        const box = svg.viewBox.baseVal, above = 36; // where pictures have a title, which stands over the page already
        svg.setAttribute("viewBox", `0 ${above} ${box.width} ${box.height - above}`);
        svg.style.minWidth = `${0.75 * box.width}px`; // smaller it cannot be read
        svg.style.maxWidth = `${1.1 * box.width}px`;
    }
    for (const place of $("network").querySelectorAll("[data-t]")) {
        let tensor = +place.getAttribute("data-t");
        const element = +place.getAttribute("data-s"), t = model.tensors[tensor];
        const relative = t.samples;
        place.addEventListener("click", () => choose(tensor, element + (relative ? sample * elements(t) / t.shape[0] : 0)));
        place.addEventListener("keydown", event => {
            if (event.key === "Enter" || event.key === " ") event.preventDefault(), place.dispatchEvent(new Event("click"));
        });
        if (place.classList.contains("pick")) continue;
        if (place.localName === "path") {
            show(place, tensor, element, { relative, draw: value => draw_weight(place, value) });
            continue;
        }
        const is_slope = place.classList.contains("slope");
        if (is_slope && t.gradient < 0) place.remove();
        else show(place, is_slope ? t.gradient : tensor, element, { relative, count: is_slope ? 4 : 5 });
    }
}

function add_samples() {
    const per_sample = model.tensors.find(t => t.samples);
    if (!per_sample || model.batch < 2) return;
    for (let i = 0; i < model.batch; i++) $("sample").append(make("option", { value: i }, String(i)));
    $("sample-label").hidden = false;
    $("sample").addEventListener("change", () => {
        sample = Number($("sample").value);
        refresh(false);
    });
}

// --- everything together

function about() {
    const words = [];
    if (model.scheduler) words.push(`The spec's ${model.scheduler} does not change the learning rate here; you do.`);
    if (model.shuffle && model.samples > 1) words.push("Samples come in the order of the spec, not shuffled.");
    if (!model.samples) words.push("The data of this spec lie in files; type the inputs and targets.");
    return words.join(" ");
}

function add_controls() {
    $("title").textContent = model.name;
    $("about").textContent = about();
    $("loss-name").textContent = model.loss;
    $("curve-title").textContent = `${model.loss} by step`;
    $("count").value = String(Math.min(100, model.iterations || 10));
    $("lr").value = String(lesson.rate);
    $("lr").addEventListener("change", () => {
        const rate = $("lr").value.trim() === "" ? NaN : Number($("lr").value);
        if (Number.isFinite(rate)) lesson.rate = rate;
        $("lr").value = String(lesson.rate);
        finish(false);
    });
    const actions = {
        forward: () => act(forward, () => `Forward: ${model.loss} is ${digits(lesson.loss)}.`),
        backward: () => act(backward, () => "Backward: every gradient is there. Update uses them."),
        update: () => act(update, () => "Update: the weights have moved; values and gradients belong to the old ones until you compute them again."),
        step: () => act(step), "run-many": () => run_many(Math.min(100000, Math.max(1, Math.floor(Number($("count").value)) || 1))),
        run: run_on, reset
    };
    for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
    $("logarithmic").addEventListener("change", () => curve.draw());
    const keys = { f: "forward", b: "backward", u: "update", s: "step", r: "run" };
    document.addEventListener("keydown", event => {
        const is_typing = event.target.closest?.("input, select, textarea"), id = keys[event.key];
        if (!id || is_typing || event.ctrlKey || event.metaKey || event.altKey) return;
        if (!$(id).disabled) $(id).click();
    });
    addEventListener("resize", () => curve.draw());
}

async function start() {
    const bytes = Uint8Array.from(atob(document.getElementById("module").textContent), c => c.charCodeAt(0));
    lesson = await Lesson.load(model, bytes);
    add_picture();
    add_samples();
    add_all();
    add_controls();
    choose(chosen.tensor, chosen.element);
    finish(false);
    document.body.dataset.ready = "true";
}

start().catch(error => {
    note(`This page cannot run its network: ${error.message}. A browser with WebAssembly is needed.`);
    throw error;
});
