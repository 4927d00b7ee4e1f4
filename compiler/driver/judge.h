// judge.h: a trained model run over its data for a report: what it answers, which samples it is
// most wrong about.
#ifndef NETC_DRIVER_JUDGE_H
#define NETC_DRIVER_JUDGE_H

#include "net_runtime.h"
#include "teach/report.h"

// Fills `out` from the data of `netc eval`. Needs the program of the same model, which tells which
// output the loss compares with which target. Returns an exit code; what is wrong has been said.
int judge(Arena *a, const Program *p, const NetModel *model, const char *weights,
          const NetRunOptions *options, ReportAnswers *out);

#endif
