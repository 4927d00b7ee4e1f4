// playground_engine.js: the network behind the page: a WebAssembly module made of the generated C.
//
// Every number lies in the module's memory, and this class reads and writes it there. It computes
// nothing of the network: forward, backward and the optimizer's update are the C of the module.
"use strict";

const arrays = { f64: Float64Array, f32: Float32Array, i32: Int32Array };
const blocks = { params: 0, states: 2 }; // of the C's structs, in the order of the module

class Network {
    // model: the description that stands in the page; bytes: the module.
    static async load(model, bytes) {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        return new Network(model, instance.exports);
    }

    constructor(model, code) {
        this.model = model;
        this.code = code;
    }

    // `count` elements of a type at an address of the module's memory.
    view(type, address, count) {
        return new arrays[type](this.code.memory.buffer, address, count);
    }

    // All elements of a tensor, samples first.
    values(t) {
        const count = t.shape.reduce((product, extent) => product * extent, 1);
        return this.view(t.type, this.code.address(t.block) + t.offset, count);
    }
}

// A network that is trained step by step.
class Lesson extends Network {
    static async load(model, bytes) {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        const lesson = new Lesson(model, instance.exports);
        lesson.tensors = model.tensors.map(t => lesson.values(t));
        lesson.samples = model.data.map(d => ({ tensor: d.tensor, values: d.values.slice() }));
        lesson.begin();
        return lesson;
    }

    // Everything as before the first step; the samples stay as they were edited.
    begin() {
        this.code.begin();
        for (const name of ["params", "states"])
            if (this.model[name].length)
                this.view(this.model.real, this.code.address(blocks[name]), this.model[name].length)
                    .set(this.model[name]);
        this.step = 0;
        this.take();
    }

    get batches() {
        return Math.max(1, Math.ceil(this.model.samples / this.model.batch));
    }

    get batch() {
        return this.step % this.batches;
    }

    // The samples of this step's batch go into the memory.
    take() {
        const first = this.batch * this.model.batch;
        this.n = Math.min(this.model.batch, Math.max(1, this.model.samples - first));
        for (const { tensor, values } of this.samples) {
            const to = this.tensors[tensor], each = to.length / this.model.batch;
            to.set(values.slice(first * each, (first + this.n) * each));
        }
    }

    forward() {
        this.code.forward(this.n);
    }

    backward() {
        this.code.backward(this.n);
    }

    update() {
        this.code.update(this.n);
        this.step++;
        this.take();
    }

    read(tensor, element) {
        return this.tensors[tensor][element];
    }

    // An input or a target keeps what is written when its sample comes again.
    write(tensor, element, value) {
        this.tensors[tensor][element] = value;
        const sample = this.samples.find(s => s.tensor === tensor);
        if (!sample) return;
        const each = this.tensors[tensor].length / this.model.batch;
        sample.values[this.batch * this.model.batch * each + element] = value;
    }

    get rate() {
        return this.view("f64", this.code.lr(), 1)[0];
    }

    set rate(value) {
        this.view("f64", this.code.lr(), 1)[0] = value;
    }

    get loss() {
        const { block, offset } = this.model.loss_place;
        return this.view("f64", this.code.address(block) + offset, 1)[0];
    }
}

// A network that reads a picture.
class Reader extends Network {
    static async load(model, bytes) {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        return new Reader(model, instance.exports);
    }

    // pixels: row by row, from 0 to the brightest of the data files.
    read(pixels) {
        this.view(this.model.ink, this.code.ink(), pixels.length).set(pixels);
        this.code.predict();
    }

    get shares() {
        return this.view("f64", this.code.shares(), this.model.classes);
    }
}
