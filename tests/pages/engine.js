// engine.js: a playground's network run by node: prints every number before each update, as JSON.
//   node engine.js PAGE.html STEPS
const fs = require("fs");
const html = fs.readFileSync(process.argv[2], "utf8"), steps = Number(process.argv[3]);
const part = id => html.split(`id="${id}">`)[1].split("</script>")[0];
const engine = html.split("<script>\n").find(text => text.startsWith("// playground_engine.js")).split("</script>")[0];
const Lesson = new Function(engine + "\nreturn Lesson;")();

function name(t, element) {
    const at = [];
    for (let k = t.shape.length; k--; element = Math.floor(element / t.shape[k])) at[k] = element % t.shape[k];
    return at.length ? `${t.name}[${at.join(",")}]` : t.name;
}

(async () => {
    const model = JSON.parse(part("model"));
    const lesson = await Lesson.load(model, Buffer.from(part("module"), "base64"));
    const names = model.tensors.flatMap((t, i) => Array.from(lesson.tensors[i], (_, e) => name(t, e))), rows = [];
    for (let k = 0; k <= steps; k++) {
        lesson.forward();
        lesson.backward();
        rows.push([lesson.rate, ...lesson.tensors.flatMap(t => Array.from(t))]);
        if (k < steps) lesson.update();
    }
    console.log(JSON.stringify({ names: ["lr", ...names], rows }));
})();
