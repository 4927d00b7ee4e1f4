// engine.js: a playground's network run by node, its numbers printed as JSON.
//   node engine.js PAGE.html STEPS          every number before each update
//   node engine.js PAGE.html PIXELS.json    what a network makes of a picture: each stage, the shares of the classes
const fs = require("fs");
const html = fs.readFileSync(process.argv[2], "utf8");
const part = id => html.split(`id="${id}">`)[1].split("</script>")[0];
const engine = html.split("<script>\n").find(text => text.startsWith("// playground_engine.js")).split("</script>")[0];
const { Lesson, Reader } = new Function(engine + "\nreturn { Lesson, Reader };")();

function name(t, element) {
    const at = [];
    for (let k = t.shape.length; k--; element = Math.floor(element / t.shape[k])) at[k] = element % t.shape[k];
    return at.length ? `${t.name}[${at.join(",")}]` : t.name;
}

async function train(model, bytes, steps) {
    const lesson = await Lesson.load(model, bytes);
    const names = model.tensors.flatMap((t, i) => Array.from(lesson.tensors[i], (_, e) => name(t, e))), rows = [];
    for (let k = 0; k <= steps; k++) {
        lesson.forward();
        lesson.backward();
        rows.push([lesson.rate, ...lesson.tensors.flatMap(t => Array.from(t))]);
        if (k < steps) lesson.update();
    }
    return { names: ["lr", ...names], rows };
}

async function read(model, bytes, pixels) {
    const reader = await Reader.load(model, bytes);
    reader.read(pixels);
    return { stages: Object.fromEntries(model.stages.map(s => [s.name, Array.from(reader.values(s))])), shares: Array.from(reader.shares) };
}

(async () => {
    const model = JSON.parse(part("model")), bytes = Buffer.from(part("module"), "base64"), what = process.argv[3];
    const done = model.stages ? await read(model, bytes, JSON.parse(fs.readFileSync(what))) : await train(model, bytes, Number(what));
    console.log(JSON.stringify(done));
})();
