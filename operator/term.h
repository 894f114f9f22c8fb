// The term of this operator: it travels with every plan, and an agent refuses a lower one than it
// has seen. With one operator it is fixed; with several it is their Lease's.
#pragma once

#include <cstdint>

namespace lvs {

class TermSource {
 public:
  virtual ~TermSource() = default;
  [[nodiscard]] virtual std::uint64_t term() const = 0;
};

class FixedTerm final : public TermSource {
 public:
  explicit FixedTerm(std::uint64_t term) : term_(term) {}
  [[nodiscard]] std::uint64_t term() const override { return term_; }

 private:
  std::uint64_t term_;
};

}  // namespace lvs
