#include "agent/kernel/netlink_resets.h"

#include <cerrno>
#include <system_error>
#include <vector>

#include <linux/netlink.h>
#include <netinet/in.h>

#include "agent/kernel/netlink_nft_writer.h"
#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

using ResetKeys = std::vector<std::vector<std::uint8_t>>;

constexpr const char* kResetsTable = "lvs-agent-resets";
constexpr nft::Chain kResetsChain{"resets", NF_INET_LOCAL_OUT, -300};  // raw: before translation

struct SourceShape {
  Family family;
  nft::Set set;
  std::uint8_t netfilter_family;
  std::uint32_t source_at;  // in the IP header
};
constexpr SourceShape kSource4{Family::kV4, {"ipv4", 1, nft::kTypeIpv4, 4}, NFPROTO_IPV4, 12};
constexpr SourceShape kSource6{Family::kV6, {"ipv6", 2, nft::kTypeIpv6, 16}, NFPROTO_IPV6, 8};

void put_reset_rule(const SourceShape& shape, Batch& batch) {
  static constexpr std::uint8_t kTcp = IPPROTO_TCP;
  static constexpr std::uint8_t kRst = 0x04;
  constexpr std::uint32_t kFlagsAt = 13;
  nft::Rule rule(kResetsTable, kResetsChain.name, batch);
  rule.load_meta(NFT_META_NFPROTO);
  rule.require({&shape.netfilter_family, 1});
  rule.load(NFT_PAYLOAD_NETWORK_HEADER, shape.source_at, shape.set.key_size);
  rule.look_up(shape.set);
  rule.load_meta(NFT_META_L4PROTO);
  rule.require({&kTcp, 1});
  rule.load(NFT_PAYLOAD_TRANSPORT_HEADER, kFlagsAt, 1);
  rule.mask(bytes_of(kRst));
  rule.require({&kRst, 1});
  rule.drop();
}

void put_sources(const SourceShape& shape, std::span<const IpAddress> vips, Duration at_most,
                 Batch& batch) {
  ResetKeys keys;
  for (const IpAddress& vip : vips) {
    if (vip.family() != shape.family) continue;
    const auto begin = vip.bytes().begin();
    keys.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(vip.byte_count()));
  }
  nft::put_elements(kResetsTable, shape.set, keys, batch, at_most);
}

tl::unexpected<Error> reset_failure(const Answer& answer) {
  std::string message = std::string("nftables table ") + kResetsTable + ": " +
                        std::generic_category().message(answer.error_number);
  if (!answer.text.empty()) message += " (kernel: " + answer.text + ")";
  return fail(code_of_errno(answer.error_number),
              message +
                  "; run \"modprobe nf_tables\" on the host, or else connections of the last "
                  "seconds are reset when a VIP moves");
}

}  // namespace

void encode_hold_resets(std::span<const IpAddress> vips, Duration at_most, Batch& batch) {
  nft::begin(batch);
  put_sources(kSource4, vips, at_most, batch);
  put_sources(kSource6, vips, at_most, batch);
  nft::commit(batch);
}

void encode_new_resets_table(std::span<const IpAddress> vips, Duration at_most, Batch& batch) {
  nft::begin(batch);
  nft::replace_table(kResetsTable, batch);
  nft::put_chain(kResetsTable, kResetsChain, batch);
  for (const SourceShape* shape : {&kSource4, &kSource6}) {
    nft::put_set(kResetsTable, shape->set, at_most, batch);
    put_reset_rule(*shape, batch);
    put_sources(*shape, vips, at_most, batch);
  }
  nft::commit(batch);
}

Answer Resets::commit() {
  if (!socket_) {
    auto socket = Socket::connect(NETLINK_NETFILTER);
    if (!socket) return {EOPNOTSUPP, socket.error().message};
    socket_ = std::move(*socket);
  }
  Answer answer = socket_->commit(batch_);
  if (answer.error_number == EIO) socket_.reset();
  return answer;
}

Result<void> Resets::prepare(Duration at_most) {
  batch_.clear();
  encode_new_resets_table({}, at_most, batch_);
  const Answer answer = commit();
  if (answer.error_number != 0) return reset_failure(answer);
  return {};
}

Result<void> Resets::hold_back(std::span<const IpAddress> vips, Duration at_most) {
  batch_.clear();
  encode_hold_resets(vips, at_most, batch_);
  Answer answer = commit();
  if (answer.error_number == ENOENT) {  // the first time, or somebody has flushed the ruleset
    batch_.clear();
    encode_new_resets_table(vips, at_most, batch_);
    answer = commit();
  }
  if (answer.error_number != 0) return reset_failure(answer);
  return {};
}

Result<void> Resets::remove() {
  batch_.clear();
  nft::begin(batch_);
  nft::delete_table(kResetsTable, batch_);
  nft::commit(batch_);
  const Answer answer = commit();
  if (answer.error_number != 0 && answer.error_number != ENOENT) return reset_failure(answer);
  return {};
}

}  // namespace lvs::netlink
