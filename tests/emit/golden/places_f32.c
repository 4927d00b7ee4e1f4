// places_f32.c: the functions of the model.
//
// A sample.
#include "places_f32.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(places_f32_params) == 20, "layout of places_f32_params");
_Static_assert(sizeof(places_f32_work) == 60, "layout of places_f32_work");

// What is read once makes room.
void places_f32_forward(const places_f32_params *params, places_f32_work *work) {
    const float *restrict x = params->x;
    float *first = work->first;
    float *second = work->second;
    float *restrict y = work->y;
    float *third = work->third;
    float *fourth = work->fourth;

    for (int k = 0; k < 5; k++)
        first[k] = x[k] + 0.25f;
    for (int k = 0; k < 5; k++)
        y[k] = first[k] + 0.5f;
    for (int k = 0; k < 5; k++)
        second[k] = y[k] + 1.0f;
    for (int k = 0; k < 3; k++)
        third[k] = second[k] + 2.0f;
    for (int k = 0; k < 3; k++)
        y[k] = third[k] + 4.0f;
    for (int k = 0; k < 2; k++)
        fourth[k] = second[k] + 8.0f;
    for (int k = 0; k < 2; k++)
        y[k] = fourth[k] + 16.0f;
}
