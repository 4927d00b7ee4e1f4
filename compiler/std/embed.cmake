# embed.cmake: writes the .net files of a folder as one C file of byte arrays, the table library_file[] of std.h.
#
#   cmake -D OUT=library.c -D FOLDER=. -P embed.cmake
file(GLOB paths ${FOLDER}/*.net)
list(SORT paths)
set(arrays "")
set(rows "")
set(number 0)
foreach(path ${paths})
  get_filename_component(name ${path} NAME)
  file(READ ${path} bytes HEX)
  file(SIZE ${path} size)
  string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char text_${number}[] = {\n    ${bytes}0x00};\n")
  string(APPEND rows "    {\"std/${name}\", (const char *)text_${number}, ${size}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "// Made by embed.cmake from the .net files of compiler/std.\n#include \"std/std.h\"\n\n"
  "${arrays}\nconst LibraryFile library_file[] = {\n${rows}};\nconst int library_file_count = ${number};\n")
