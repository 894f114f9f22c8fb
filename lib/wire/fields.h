// The members of one JSON object, read strictly. Internal to lib/wire. The first problem is kept
// and everything read after it is worthless; finish() tells it, and refuses members that nobody
// read.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace lvs {

class Fields {
 public:
  // `place` names the object in messages: "services[3]". Both must outlive this.
  Fields(const nlohmann::json& object, std::string_view place);

  [[nodiscard]] bool has(std::string_view key) const { return object_.contains(key); }

  // Required, and not empty.
  std::string text(std::string_view key);
  // Empty where it is absent.
  std::string optional_text(std::string_view key);
  std::uint64_t number(std::string_view key, std::uint64_t most = kAny);
  std::uint64_t optional_number(std::string_view key, std::uint64_t otherwise = 0,
                                std::uint64_t most = kAny);
  bool flag(std::string_view key);
  bool optional_flag(std::string_view key);
  IpAddress address(std::string_view key);
  ContentHash hash(std::string_view key);
  std::vector<std::string> texts(std::string_view key, std::size_t most);
  // An object or list for whoever can read it; null where it is absent.
  const nlohmann::json* part(std::string_view key);
  // For words of a table: text(), then this when the word is not in it.
  void refuse(std::string_view key, std::string_view message);

  [[nodiscard]] Result<void> finish() const;

  static constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

 private:
  const nlohmann::json* find(std::string_view key, bool required);
  void refuse_object(std::string_view message);

  const nlohmann::json& object_;
  std::string_view place_;
  std::vector<std::string_view> known_;
  std::optional<Error> problem_;
};

}  // namespace lvs
