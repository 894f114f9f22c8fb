# How every target of this project is built: one place for warnings, sanitizers and test labels.

get_filename_component(LVS_ROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

option(LVS_TESTS "Build the tests" ON)
option(LVS_FUZZ "Build the fuzz targets (clang)" OFF)
option(LVS_PURE_ONLY "Build only base, api and core and their tests" OFF)
set(LVS_SANITIZE "" CACHE STRING "Value of -fsanitize=, empty for none")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(lvs_options INTERFACE)
target_include_directories(lvs_options INTERFACE "${LVS_ROOT}" "${LVS_ROOT}/lib")
target_compile_options(lvs_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                             -Wnon-virtual-dtor -Woverloaded-virtual)
if(NOT LVS_SANITIZE)  # GCC 12 warns of what is not so in instrumented code, even in its own <regex>
  target_compile_options(lvs_options INTERFACE -Werror)
endif()
if(LVS_SANITIZE)
  target_compile_options(lvs_options INTERFACE -fsanitize=${LVS_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  target_link_options(lvs_options INTERFACE -fsanitize=${LVS_SANITIZE})
  if(LVS_SANITIZE MATCHES "thread")
    # The thread sanitizer does not understand fences; Asio's are beside a mutex that it does.
    target_compile_definitions(lvs_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

if(LVS_FUZZ)  # instrument the libraries too; only the targets in tests/fuzz have the driver's main
  target_compile_options(lvs_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                               -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(lvs_options INTERFACE -fsanitize=address,undefined)
endif()

# lvs_library(NAME SOURCES... [LINK public libraries...] [PRIVATE private libraries...])
function(lvs_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC lvs_options ${arg_LINK} PRIVATE ${arg_PRIVATE})
endfunction()

function(lvs_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE lvs_options ${arg_LINK})
endfunction()

# lvs_test(NAME LABEL unit|component|contract|architecture SOURCES ... LINK ...): one GoogleTest binary, one ctest entry per case.
function(lvs_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LINK" ${ARGN})
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE lvs_options ${arg_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE LVS_SOURCE_DIR="${LVS_ROOT}")
  set(options "LSAN_OPTIONS=suppressions=${LVS_ROOT}/tests/support/lsan.supp:print_suppressions=0")
  if(LVS_SANITIZE MATCHES "thread")
    set(options "TSAN_OPTIONS=suppressions=${LVS_ROOT}/tests/support/tsan.supp")
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${arg_LABEL} ENVIRONMENT "${options}")
endfunction()
