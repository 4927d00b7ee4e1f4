// sheet_none.c: in the place of sheet.c where libxlsxwriter is missing.
#include "teach/sheet.h"

const char *sheet_write(const SheetBook *book, const char *path) {
    (void)book, (void)path;
    return "this netc was built without libxlsxwriter; install libxlsxwriter-dev and build it "
           "again";
}
