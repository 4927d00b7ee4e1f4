// many_arrays.c: the functions of the model.
//
// A sample.
#include "many_arrays.h"

#include <math.h>

// Each struct is one block of memory, and whoever fills it counts on this layout.
_Static_assert(sizeof(many_arrays_work) == 288, "layout of many_arrays_work");

// Eighteen arrays.
void many_arrays_forward(many_arrays_work *work) {
    float *restrict array_0 = work->array_0;

    array_0[1] = 0.5f;
    {
        float *restrict array_1 = work->array_1;
        float *restrict array_2 = work->array_2;
        float *restrict array_3 = work->array_3;
        float *restrict array_4 = work->array_4;
        float *restrict array_5 = work->array_5;
        float *restrict array_6 = work->array_6;
        float *restrict array_7 = work->array_7;
        float *restrict array_8 = work->array_8;

        for (int k = 0; k < 4; k++) {
            array_1[k] = array_0[k] + 1.0f;
            array_2[k] = array_1[k] + 2.0f;
            array_3[k] = array_2[k] + 3.0f;
            array_4[k] = array_3[k] + 4.0f;
            array_5[k] = array_4[k] + 5.0f;
            array_6[k] = array_5[k] + 6.0f;
            array_7[k] = array_6[k] + 7.0f;
            array_8[k] = array_7[k] + 8.0f;
        }
    }
    {
        float *restrict array_8 = work->array_8;
        float *restrict array_9 = work->array_9;
        float *restrict array_10 = work->array_10;
        float *restrict array_11 = work->array_11;
        float *restrict array_12 = work->array_12;
        float *restrict array_13 = work->array_13;
        float *restrict array_14 = work->array_14;
        float *restrict array_15 = work->array_15;
        float *restrict array_16 = work->array_16;

        for (int k = 0; k < 4; k++) {
            array_9[k] = array_8[k] + 9.0f;
            array_10[k] = array_9[k] + 10.0f;
            array_11[k] = array_10[k] + 11.0f;
            array_12[k] = array_11[k] + 12.0f;
            array_13[k] = array_12[k] + 13.0f;
            array_14[k] = array_13[k] + 14.0f;
            array_15[k] = array_14[k] + 15.0f;
            array_16[k] = array_15[k] + 16.0f;
        }
    }
    {
        float *restrict array_16 = work->array_16;
        float *restrict array_17 = work->array_17;

        for (int k = 0; k < 4; k++)
            array_17[k] = array_16[k] + 17.0f;
    }
}
