// What could not be done, by object: the loop's parts write here, the status lists it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/report.h"

namespace lvs {

class Problems {
 public:
  // One problem of an object; a new one replaces the old one.
  void set(ProblemReport problem);
  void clear(const std::string& object);
  // All problems of one part at once; those of the last time that are not here are gone.
  void replace_part(const std::string& part, std::vector<ProblemReport> problems);

  [[nodiscard]] std::vector<ProblemReport> all() const;  // sorted by object
  // Grows with every change.
  [[nodiscard]] unsigned long changes() const { return changes_; }

 private:
  std::map<std::string, ProblemReport> by_object_;
  std::map<std::string, std::vector<ProblemReport>> by_part_;
  unsigned long changes_ = 0;
};

}  // namespace lvs
