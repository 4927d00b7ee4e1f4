// embedded.h: texts that travel inside the program, made by CMake from their files.
#ifndef NETC_DRIVER_EMBEDDED_H
#define NETC_DRIVER_EMBEDDED_H

extern const char embedded_net_model[];          // net_model.h
extern const char embedded_net_runtime[];        // net_runtime.h
extern const char embedded_gradcheck_examples[]; // gradcheck_examples.txt
extern const char embedded_bench_torch[];        // bench_torch.py
extern const char embedded_wasm_math[];          // wasm_math.h
// Of compiler/teach/playground/:
extern const char embedded_playground_style[];  // playground_style.css
extern const char embedded_playground_engine[]; // playground_engine.js
extern const char embedded_lesson_body[];       // lesson_body.html
extern const char embedded_lesson_page[];       // lesson_page.js
extern const char embedded_drawing_body[];      // drawing_body.html
extern const char embedded_drawing_page[];      // drawing_page.js

#endif
