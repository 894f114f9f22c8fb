# shellcheck shell=bash
# For sourcing: writes what a check found as a JUnit file that scripts/summary.py can count.
#
#   junit_case FILE NAME COMMAND...   runs the command; its status is the case's, and the function's
#   junit_write FILE LAYER            FILE from the cases noted so far

junit_case() {
  local file=$1 name=$2 status=0
  shift 2
  mkdir -p "$(dirname "$file")"
  "$@" || status=$?
  if ((status == 0)); then
    echo "<testcase name=\"$name\"/>" >>"$file.cases"
  else
    echo "<testcase name=\"$name\"><failure message=\"status $status\"/></testcase>" >>"$file.cases"
  fi
  return "$status"
}

junit_write() {
  { echo "<testsuite name=\"$2\">"; cat "$1.cases"; echo "</testsuite>"; } >"$1"
  rm -f "$1.cases"
}
