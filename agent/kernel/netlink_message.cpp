#include "agent/kernel/netlink_message.h"

#include <algorithm>

#include <linux/netlink.h>

namespace lvs::netlink {
namespace {

constexpr int kLargestErrno = 4095;  // MAX_ERRNO of the kernel

}  // namespace

void Batch::open_message(std::uint16_t type, std::uint16_t flags) {
  starts_.push_back(size_);
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  put(bytes_of(header));
}

void Batch::close_message() {
  const auto length = static_cast<std::uint32_t>(size_ - starts_.back());
  patch(starts_.back() + offsetof(nlmsghdr, nlmsg_len), bytes_of(length));
}

void Batch::text(std::uint16_t type, std::string_view value) {
  std::vector<std::uint8_t> terminated(value.begin(), value.end());
  terminated.push_back(0);
  attribute(type, terminated);
}

std::size_t Batch::open_nest(std::uint16_t type) {
  const std::size_t start = size_;
  attribute(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
  return start;
}

void Batch::close_nest(std::size_t start) {
  const auto length = static_cast<std::uint16_t>(size_ - start);
  patch(start + offsetof(nlattr, nla_len), bytes_of(length));
}

void Batch::clear() {
  size_ = 0;
  starts_.clear();
}

void Batch::number_messages(std::uint32_t first, std::uint16_t flags, std::size_t from_end) {
  for (const std::size_t start : starts_) {
    patch(start + offsetof(nlmsghdr, nlmsg_seq), bytes_of(first));
    ++first;
  }
  const std::size_t chosen = starts_[starts_.size() - 1 - from_end];
  nlmsghdr header{};
  std::memcpy(&header, bytes_.data() + chosen, sizeof(header));
  header.nlmsg_flags = static_cast<std::uint16_t>(header.nlmsg_flags | flags);
  patch(chosen, bytes_of(header));
}

void Batch::patch(std::size_t offset, Bytes data) {
  std::copy(data.begin(), data.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::optional<Message> take_message(Bytes& rest) {
  nlmsghdr header{};
  if (rest.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, rest.data(), sizeof(header));
  if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.size()) return std::nullopt;
  const Message message{header.nlmsg_type, header.nlmsg_flags, header.nlmsg_seq,
                        rest.subspan(sizeof(header), header.nlmsg_len - sizeof(header))};
  rest = rest.subspan(std::min(rest.size(), aligned(header.nlmsg_len)));
  return message;
}

std::optional<Answer> decode_answer(const Message& message) {
  Bytes rest = message.payload;
  const auto error = take_header<nlmsgerr>(rest);
  if (message.type != NLMSG_ERROR || !error) return std::nullopt;
  if (error->error > 0 || error->error < -kLargestErrno) return std::nullopt;
  Answer answer{-error->error, {}};
  if ((message.flags & NLM_F_ACK_TLVS) == 0) return answer;
  if ((message.flags & NLM_F_CAPPED) == 0) {  // the whole request stands before the attributes
    const std::size_t copied = std::max<std::size_t>(error->msg.nlmsg_len, sizeof(nlmsghdr));
    rest = rest.subspan(std::min(rest.size(), aligned(copied - sizeof(nlmsghdr))));
  }
  const auto attributes = AttributeTable<NLMSGERR_ATTR_MSG + 1>::parse(rest);
  if (attributes) answer.text = attributes->text(NLMSGERR_ATTR_MSG);
  return answer;
}

}  // namespace lvs::netlink
