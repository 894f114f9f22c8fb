// Prometheus' text format, for families that are too large to be kept as objects: hundreds of
// thousands of series that are read from somewhere whenever a scrape asks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "telemetry/metrics.h"

namespace lvs {

// vip="192.0.2.1",node="a": what is between the braces, values escaped.
[[nodiscard]] std::string label_text(
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels);

// Writes families one after the other to the end of a page, in parts of some 100 KiB; the last part
// when it ends.
class Exposition {
 public:
  explicit Exposition(const PageSink& page) : page_(page) {}
  ~Exposition() { pass_on(); }
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  enum class Type { kCounter, kGauge };
  // Begins a family: its samples follow. `name` must live as long as they do.
  void family(std::string_view name, std::string_view help, Type type);
  // `labels` as of label_text(), `more` likewise or empty.
  void sample(std::string_view labels, std::uint64_t value) { sample(labels, {}, value); }
  void sample(std::string_view labels, std::string_view more, std::uint64_t value);

 private:
  void pass_on();

  const PageSink& page_;
  std::string part_;
  std::string_view name_;
};

}  // namespace lvs
