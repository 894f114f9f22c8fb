// nftables requests in general: what the tables of ours are put together from. Pure: values in,
// bytes out. The ABI is include/uapi/linux/netfilter/nf_tables.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <net/if.h>
#include <netinet/in.h>

// Brings linux/if.h and linux/in.h, which go with the two above only when they come second.
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "agent/kernel/netlink_message.h"
#include "base/clock.h"

namespace lvs::netlink::nft {

// Numbers in nftables are in network order.
void big_endian(std::uint16_t type, std::uint32_t value, Batch& batch);

// A transaction: all that stands between the two, or nothing.
void begin(Batch& batch);
void commit(Batch& batch);

void open_request(std::uint16_t type, std::uint16_t flags, Batch& batch);  // of family inet
void delete_table(const char* table, Batch& batch);
// Makes it, empty, in place of the one that there may be.
void replace_table(const char* table, Batch& batch);

struct Chain {
  const char* name;
  std::uint32_t hook;  // NF_INET_*
  std::int32_t priority;
};
void put_chain(const char* table, const Chain& chain, Batch& batch);

// nft's own numbers of types, so that it can list the set (enum datatypes).
inline constexpr std::uint32_t kTypeIpv4 = 7;
inline constexpr std::uint32_t kTypeIpv6 = 8;
inline constexpr std::uint32_t kTypeEther = 9;
inline constexpr std::uint32_t kTypeProtocol = 12;
inline constexpr std::uint32_t kTypeService = 13;

struct Set {
  const char* name;
  std::uint32_t id;  // within the transaction
  std::uint32_t key_type;
  std::uint32_t key_size;
};
// With a timeout the kernel lets go of each element after it.
void put_set(const char* table, const Set& set, std::optional<Duration> timeout, Batch& batch);
// As many requests as it takes; each key is as long as the set says. A timeout of their own goes
// before that of the set, which must have one.
void put_elements(const char* table, const Set& set,
                  std::span<const std::vector<std::uint8_t>> keys, Batch& batch,
                  std::optional<Duration> timeout = std::nullopt);

// One rule: opens its request, and closes it at the end of its life. Data goes by register 1 unless
// said otherwise.
class Rule {
 public:
  Rule(const char* table, const char* chain, Batch& batch);
  ~Rule();
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  void load_meta(std::uint32_t key);  // NFT_META_*
  void load(nft_payload_bases base, std::uint32_t offset, std::uint32_t size,
            std::uint32_t to = NFT_REG_1);
  // Only these bits are compared.
  void mask(Bytes bits);
  void require(Bytes value);
  void look_up(const Set& set, std::uint32_t key_register = NFT_REG_1);
  void set_mark(std::uint32_t mark);
  void drop();

 private:
  template <typename Attributes>
  void expression(const char* name, Attributes attributes);
  void data(std::uint16_t type, Bytes value);

  Batch& batch_;
  std::size_t expressions_;
};

}  // namespace lvs::netlink::nft
