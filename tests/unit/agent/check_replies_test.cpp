// What servers answer to DNS, SMTP and ICMP checks, byte by byte.
#include <gtest/gtest.h>

#include "agent/health/dns_message.h"
#include "agent/health/echo_message.h"
#include "agent/health/smtp_reply.h"

namespace lvs {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Progress = SmtpReply::Progress;

const DnsQuestion kAsked{0x0102, "Shop.example.", "AAAA"};

Bytes answer_to(const DnsQuestion& question, std::uint8_t records) {
  Bytes bytes = encode_dns(question);
  bytes[2] |= 0x80;
  bytes[7] = records;
  return bytes;
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

TEST(DnsMessage, AsksForOneNameOfOneType) {
  EXPECT_EQ(encode_dns(kAsked),
            (Bytes{1,   2,   1, 0,   0,   1,   0,   0,   0,   0,   0, 0, 4,  'S', 'h',
                   'o', 'p', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 28, 0,   1}));
  EXPECT_EQ(encode_dns({1, ".", "SOA"}),
            (Bytes{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1}));
}

TEST(DnsMessage, ReadsTheAddressesOfBothFamilies) {
  Bytes bytes = answer_to(kAsked, 3);
  append(bytes, {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, 12});  // an alias
  append(bytes, {1, 'a', 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 1, 0, 16});
  append(bytes, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
  append(bytes, {0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 7});
  const auto answer = decode_dns(bytes, kAsked);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->code, "NOERROR");
  EXPECT_EQ(answer->addresses, (std::vector{IpAddress::parse("2001:db8::7").value(),
                                            IpAddress::parse("192.0.2.7").value()}));
}

TEST(DnsMessage, TheNameMayComeBackInOtherLetters) {
  EXPECT_TRUE(decode_dns(answer_to({0x0102, "sHOP.EXAMPLE", "AAAA"}, 0), kAsked));
  const auto other = decode_dns(answer_to({0x0102, "shop.invalid", "AAAA"}, 0), kAsked);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
}

TEST(DnsMessage, EveryCutIsNoAnswer) {
  Bytes whole = answer_to(kAsked, 1);
  append(whole, {0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 7});
  ASSERT_TRUE(decode_dns(whole, kAsked));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_dns(std::span(whole).first(size), kAsked)) << size;
  }
}

TEST(DnsMessage, ARefusalNeedNotRepeatTheQuestion) {
  EXPECT_EQ(decode_dns(Bytes{1, 2, 0x81, 5, 0, 0, 0, 0, 0, 0, 0, 0}, kAsked)->code, "REFUSED");
  EXPECT_EQ(decode_dns(Bytes{1, 2, 0x81, 9, 0, 0, 0, 0, 0, 0, 0, 0}, kAsked)->code, "9");
}

TEST(SmtpReply, LinesWithTheSameCodeAreOneReply) {
  SmtpReply reply;
  EXPECT_EQ(reply.add("250-mail.example\r\n"), Progress::kMore);
  EXPECT_EQ(reply.add("250 HELP\r\n"), Progress::kWhole);
  EXPECT_EQ(reply.code(), 250);
  EXPECT_EQ(SmtpReply().add("220"), Progress::kWhole);
}

TEST(SmtpReply, AnythingElseIsWrong) {
  for (const char* line : {"", "25", "2x0 a", "250+a", "hello"}) {
    EXPECT_EQ(SmtpReply().add(line), Progress::kWrong) << line;
  }
  SmtpReply reply;
  EXPECT_EQ(reply.add("250-a"), Progress::kMore);
  EXPECT_EQ(reply.add("251 b"), Progress::kWrong);
}

TEST(EchoMessage, OnlyTheReplyWithTheTokenCounts) {
  EXPECT_EQ(encode_echo(Family::kV4, 0x01020304), (Bytes{8, 0, 0xf3, 0xf9, 1, 2, 3, 4}));
  EXPECT_EQ(encode_echo(Family::kV6, 0x01020304), (Bytes{128, 0, 0, 0, 1, 2, 3, 4}));
  Bytes v4(20, 0);
  v4[0] = 0x45;
  append(v4, {0, 0, 0, 0, 1, 2, 3, 4});
  EXPECT_TRUE(is_echo_reply(v4, Family::kV4, 0x01020304));
  EXPECT_FALSE(is_echo_reply(v4, Family::kV4, 0x01020305));
  EXPECT_FALSE(is_echo_reply(std::span(v4).first(27), Family::kV4, 0x01020304));
  EXPECT_FALSE(is_echo_reply({}, Family::kV4, 0));
  EXPECT_TRUE(is_echo_reply(Bytes{129, 0, 0, 0, 1, 2, 3, 4}, Family::kV6, 0x01020304));
  EXPECT_FALSE(is_echo_reply(Bytes{128, 0, 0, 0, 1, 2, 3, 4}, Family::kV6, 0x01020304));
}

}  // namespace
}  // namespace lvs
