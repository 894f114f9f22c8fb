// Netlink messages as bytes: a writer that packs many requests into one buffer and bounds-checked
// readers. No socket, no libnl. Numbers are in host byte order unless a name says otherwise
// (include/uapi/linux/netlink.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <linux/netlink.h>

namespace lvs::netlink {

using Bytes = std::span<const std::uint8_t>;

// Everything in netlink is aligned to 4 bytes (NLMSG_ALIGNTO, NLA_ALIGNTO).
[[nodiscard]] constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

template <typename T>
[[nodiscard]] Bytes bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}

// Requests, one behind the other. Sequence numbers and the final acknowledgement are set when the
// batch is sent (netlink_socket.h).
class Batch {
 public:
  // Opens a request; everything that follows belongs to it, until close_message().
  void open_message(std::uint16_t type, std::uint16_t flags);
  void close_message();

  // Raw, padded: the family's fixed header.
  void put(Bytes data) { std::memcpy(grow(aligned(data.size())), data.data(), data.size()); }
  void attribute(std::uint16_t type, Bytes data) {
    constexpr std::size_t kHeader = 4;  // struct nlattr
    std::uint8_t* to = grow(kHeader + aligned(data.size()));
    const auto length = static_cast<std::uint16_t>(kHeader + data.size());
    std::memcpy(to, &length, sizeof(length));
    std::memcpy(to + sizeof(length), &type, sizeof(type));
    if (!data.empty()) std::memcpy(to + kHeader, data.data(), data.size());
  }
  template <typename Number>
  void number(std::uint16_t type, Number value) {
    static_assert(std::is_unsigned_v<Number>);
    attribute(type, bytes_of(value));
  }
  void text(std::uint16_t type, std::string_view value);  // NUL-terminated

  // Attributes inside an attribute: open_nest() returns what close_nest() wants.
  [[nodiscard]] std::size_t open_nest(std::uint16_t type);
  void close_nest(std::size_t start);

  void clear();
  [[nodiscard]] std::size_t message_count() const { return starts_.size(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Bytes bytes() const { return Bytes(bytes_).first(size_); }
  // For the sender: numbers the messages first, first + 1, ... and sets `flags` on one, to ask for
  // its answer: the last, or the one `from_end` before it.
  void number_messages(std::uint32_t first, std::uint16_t flags, std::size_t from_end = 0);

 private:
  void patch(std::size_t offset, Bytes data);
  // Room at the end, to be written to; `size` is aligned, and what the padding will be is zero.
  std::uint8_t* grow(std::size_t size) {
    const std::size_t start = size_;
    size_ += size;
    if (size_ > bytes_.size()) bytes_.resize(2 * size_);
    std::uint8_t* room = bytes_.data() + start;
    constexpr std::size_t kWord = 4;
    if (size >= kWord) std::memset(room + size - kWord, 0, kWord);
    return room;
  }

  std::vector<std::uint8_t> bytes_;  // of which size_ are in use
  std::size_t size_ = 0;
  std::vector<std::size_t> starts_;
};

struct Message {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  Bytes payload;  // behind the netlink header
};

struct Attribute {
  std::uint16_t type = 0;  // without the nested and byte-order bits
  Bytes data;
};

// Takes the first message off `rest`; nothing when the bytes are over or malformed (then `rest` is
// not empty).
[[nodiscard]] std::optional<Message> take_message(Bytes& rest);
// Here, because a dump of a large table has millions of them.
[[nodiscard]] inline std::optional<Attribute> take_attribute(Bytes& rest) {
  nlattr header{};
  if (rest.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, rest.data(), sizeof(header));
  if (header.nla_len < sizeof(header) || header.nla_len > rest.size()) return std::nullopt;
  const Attribute attribute{static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
                            rest.subspan(sizeof(header), header.nla_len - sizeof(header))};
  rest = rest.subspan(std::min(rest.size(), aligned(header.nla_len)));
  return attribute;
}

// The attributes of one level by number, up to `Count - 1`; unknown ones are skipped. Nothing when
// the bytes are malformed. The spans point into the message.
template <std::size_t Count>
class AttributeTable {
 public:
  static std::optional<AttributeTable> parse(Bytes bytes) {
    AttributeTable table;
    while (!bytes.empty()) {
      const auto attribute = take_attribute(bytes);
      if (!attribute) return std::nullopt;
      if (attribute->type < Count) table.slots_[attribute->type] = attribute->data;
    }
    return table;
  }

  [[nodiscard]] bool has(std::size_t type) const { return slots_[type].data() != nullptr; }
  // Empty when the attribute is missing.
  [[nodiscard]] Bytes data(std::size_t type) const { return slots_[type]; }
  // Nothing when the attribute is missing or shorter than the type.
  template <typename T>
  [[nodiscard]] std::optional<T> get(std::size_t type) const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (data(type).size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, data(type).data(), sizeof(T));
    return value;
  }
  template <typename T>
  [[nodiscard]] T get_or(std::size_t type, T otherwise) const {
    return get<T>(type).value_or(otherwise);
  }
  // Up to the first NUL.
  [[nodiscard]] std::string text(std::size_t type) const {
    const Bytes raw = data(type);
    const auto* begin = reinterpret_cast<const char*>(raw.data());
    return raw.empty() ? std::string() : std::string(begin, strnlen(begin, raw.size()));
  }

 private:
  Bytes slots_[Count];  // one that is there but empty still points somewhere
};

// A fixed structure at the front of `bytes`, which then starts behind it (padded).
template <typename T>
[[nodiscard]] std::optional<T> take_header(Bytes& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T header;
  std::memcpy(&header, bytes.data(), sizeof(T));
  bytes = bytes.subspan(std::min(bytes.size(), aligned(sizeof(T))));
  return header;
}

// The kernel's answer to a request (NLMSG_ERROR): 0 is an acknowledgement. Nothing: another
// message, or malformed.
struct Answer {
  int error_number = 0;
  std::string text;  // the kernel's own words (extended acknowledgement), often empty
};
[[nodiscard]] std::optional<Answer> decode_answer(const Message& message);

}  // namespace lvs::netlink
