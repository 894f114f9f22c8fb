// Netlink messages as bytes: a writer that packs many requests into one buffer and bounds-checked
// readers. No socket, no libnl. Numbers are in host byte order unless a name says otherwise
// (include/uapi/linux/netlink.h).
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

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
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  // For the sender: numbers the messages first, first + 1, ... and sets `flags` on one, to ask for
  // its answer: the last, or the one `from_end` before it.
  void number_messages(std::uint32_t first, std::uint16_t flags, std::size_t from_end = 0);

 private:
  void patch(std::size_t offset, Bytes data);
  // Zeros at the end, to be written to.
  std::uint8_t* grow(std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    return bytes_.data() + bytes_.size() - size;
  }

  std::vector<std::uint8_t> bytes_;
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
[[nodiscard]] std::optional<Attribute> take_attribute(Bytes& rest);

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
      if (attribute->type < Count) table.slots_[attribute->type] = *attribute;
    }
    return table;
  }

  [[nodiscard]] bool has(std::size_t type) const { return slots_[type].has_value(); }
  // Empty when the attribute is missing.
  [[nodiscard]] Bytes data(std::size_t type) const {
    return has(type) ? slots_[type]->data : Bytes{};
  }
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
  std::optional<Attribute> slots_[Count];
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
