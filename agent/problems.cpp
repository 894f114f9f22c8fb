#include "agent/problems.h"

#include <algorithm>
#include <tuple>

namespace lvs {

void Problems::set(ProblemReport problem) {
  ProblemReport& standing = by_object_[problem.object];
  if (standing == problem) return;
  standing = std::move(problem);
  ++changes_;
}

void Problems::clear(const std::string& object) { changes_ += by_object_.erase(object); }

void Problems::replace_part(const std::string& part, std::vector<ProblemReport> problems) {
  std::vector<ProblemReport>& standing = by_part_[part];
  if (standing == problems) return;
  standing = std::move(problems);
  ++changes_;
}

std::vector<ProblemReport> Problems::all() const {
  std::vector<ProblemReport> list;
  for (const auto& [object, problem] : by_object_) list.push_back(problem);
  for (const auto& [part, problems] : by_part_) {
    list.insert(list.end(), problems.begin(), problems.end());
  }
  std::sort(list.begin(), list.end(), [](const ProblemReport& a, const ProblemReport& b) {
    return std::tie(a.object, a.reason, a.message) < std::tie(b.object, b.reason, b.message);
  });
  return list;
}

}  // namespace lvs
