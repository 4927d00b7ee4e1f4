// report.h: messages to the person at the keyboard, and the exit codes that go with them.
//
// A function that can fail returns NET_OK or the exit code of the message it has already printed,
// so that callers pass codes on and nothing is reported twice. The codes are netc's.
#ifndef NET_REPORT_H
#define NET_REPORT_H

enum { NET_OK = 0, NET_USAGE = 2, NET_BROKEN = 3, NET_FAILED = 4, NET_BUG = 70 };

// Prints "error: " and the message to standard error; returns `code`.
int net_report(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The report for memory that the system would not give: what it was for.
int net_report_memory(const char *what);

// The candidate nearest to `word` by edit distance, or NULL where none is near enough to be meant.
const char *net_closest(const char *word, const char *const *candidate, int count);

#endif
