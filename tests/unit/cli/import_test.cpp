#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "cli/keepalived_import.h"

namespace lvs::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<KeepalivedDirectives> parsed(const std::string& text) {
  const auto includes = [](const std::string& pattern,
                           const std::string&) -> Result<std::vector<KeepalivedFile>> {
    if (pattern == "self") return std::vector<KeepalivedFile>{{"self", "include self\n"}};
    if (pattern != "more.conf") return fail(ErrorCode::kNotFound, "no such file");
    return std::vector<KeepalivedFile>{{"more.conf", "virtual_server 192.0.2.9 53 {\n}\n"}};
  };
  return parse_keepalived({"k.conf", text}, includes);
}

Imported imported(const std::string& text, const ImportOptions& options = {}) {
  return import_keepalived(parsed(text).value(), options);
}

std::vector<std::string> notes(const Imported& all) {
  std::vector<std::string> texts;
  for (const ImportNote& note : all.notes) texts.push_back(to_string(note));
  return texts;
}

template <typename Kind>
std::vector<Kind> of_kind(const Imported& all) {
  std::vector<Kind> found;
  for (const std::string& object : all.objects) {
    const auto resource = decode_resource(std::string_view(object), UnknownFields::kRefuse);
    EXPECT_TRUE(resource) << resource.error().message;
    if (const auto* each = std::get_if<Kind>(&*resource)) found.push_back(*each);
  }
  return found;
}

TEST(KeepalivedText, DirectivesBlocksQuotesAndComments) {
  const auto all = parsed(
      "! a comment\n"
      "global_defs   # another\n"
      "{\n"
      "  router_id \"two words\"\n"
      "}\n"
      "real_server 192.0.2.1 80 { weight 3 }\n");
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).line, 2);
  EXPECT_THAT(all->at(0).block.at(0).words, ElementsAre("router_id", "two words"));
  EXPECT_THAT(all->at(1).words, ElementsAre("real_server", "192.0.2.1", "80"));
  EXPECT_THAT(all->at(1).block.at(0).words, ElementsAre("weight", "3"));
}

TEST(KeepalivedText, WhatIsBrokenIsNamedByFileAndLine) {
  EXPECT_EQ(parsed("a {\n").error().message, "k.conf:2: a \"}\" is missing at the end");
  EXPECT_EQ(parsed("\n}\n").error().message, "k.conf:2: a \"}\" without its \"{\"");
  EXPECT_EQ(parsed("{").error().message, "k.conf:1: a \"{\" without a word before it");
  EXPECT_EQ(parsed("include gone\n").error().message, "k.conf:1: no such file");
  EXPECT_THAT(parsed("include self").error().message, HasSubstr("nested too deeply"));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "a {";
  EXPECT_THAT(parsed(deep).error().message, HasSubstr("nested too deeply"));
}

constexpr const char* kWhole = R"(
vrrp_instance one {
  interface eth1
  preempt_delay 20
  virtual_ipaddress {
    192.0.2.100/24 dev eth2
  }
}
virtual_server 192.0.2.100 80 {
  delay_loop 2
  lb_algo wrr
  lb_kind DR
  persistence_timeout 60
  persistence_granularity 255.255.255.0
  protocol TCP
  real_server 192.0.2.21 80 {
    weight 3
    uthreshold 100
    HTTP_GET {
      url {
        path /health
        status_code 200
      }
      connect_timeout 1
      retry 2
    }
  }
  real_server 192.0.2.22 80 {
    HTTP_GET {
      url {
        path /health
        status_code 200
      }
      connect_timeout 1
      retry 2
    }
  }
}
)";

TEST(KeepalivedImport, AServiceWithItsServersCheckAndAddress) {
  const Imported all = imported(kWhole, {"shop", ""});
  EXPECT_THAT(notes(all), IsEmpty());
  const auto services = of_kind<VirtualService>(all);
  ASSERT_EQ(services.size(), 1U);
  const VirtualServiceSpec& spec = services[0].spec;
  EXPECT_EQ(to_string(services[0].meta.key), "shop/vs-192-0-2-100-80");
  EXPECT_EQ(spec.vips, std::vector{IpAddress::parse("192.0.2.100").value()});
  EXPECT_EQ(spec.scheduler.name, "wrr");
  EXPECT_EQ(spec.forwarding, ForwardingMethod::kDirectRouting);
  EXPECT_EQ(spec.persistence->timeout, Duration{60'000});
  EXPECT_EQ(spec.persistence->prefix_length, 24);
  EXPECT_EQ(spec.interface, "eth2");
  EXPECT_EQ(spec.directors.preempt_after, Duration{20'000});
  ASSERT_TRUE(spec.health_check);
  EXPECT_EQ(std::get<HttpCheck>(spec.health_check->kind).path, "/health");
  EXPECT_EQ(spec.health_check->interval, Duration{2'000});
  EXPECT_EQ(spec.health_check->timeout, Duration{1'000});
  EXPECT_EQ(spec.health_check->fall, 3);
  EXPECT_EQ(std::get<HttpCheck>(spec.health_check->kind).expect_status,
            (std::vector<StatusRange>{{200, 200}}));
  const auto servers = of_kind<RealServer>(all);
  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[0].spec.weight, 3U);
  EXPECT_EQ(servers[0].spec.max_connections, 100U);
  EXPECT_TRUE(spec.real_server_selector.matches(servers[1].meta.labels));
}

TEST(KeepalivedImport, AGroupIsAServiceForEachAddressWithOnePool) {
  const Imported all = imported(
      "virtual_server_group g {\n 192.0.2.3-5 80\n 2001:db8::1-2 80\n fwmark 1\n}\n"
      "virtual_server group g {\n lb_kind TUN\n real_server 192.0.2.21 80 {\n }\n}\n");
  const auto services = of_kind<VirtualService>(all);
  ASSERT_EQ(services.size(), 5U);
  EXPECT_EQ(services[4].spec.vips[0].to_string(), "2001:db8::2");
  EXPECT_EQ(of_kind<RealServer>(all).size(), 1U);
  EXPECT_THAT(notes(all), ElementsAre("k.conf:4: dropped: fwmark 1: services by firewall mark are "
                                      "not offered"));
}

TEST(KeepalivedImport, NothingIsLeftOutInSilence) {
  const Imported all = imported(
      "vrrp_script s {\n}\n"
      "vrrp_instance i {\n interface eth0\n priority 10\n odd_word\n virtual_ipaddress {\n"
      "  192.0.2.77\n }\n}\n"
      "virtual_server 192.0.2.1 80 {\n lb_algo wonder\n lb_kind DR\n quorum 2\n odd 1\n"
      " real_server 192.0.2.21 8080 {\n  MISC_CHECK {\n  }\n  odd 2\n }\n}\n"
      "virtual_server fwmark 3 {\n lb_kind DR\n}\n"
      "@other virtual_server 192.0.2.2 80 {\n}\n");
  const auto said = notes(all);
  for (const char* line :
       {":1: dropped: vrrp_script", ":5: replaced: priority", ":6: dropped: odd_word",
        ":8: dropped: 192.0.2.77", ":11: changed: virtual_server", ":12: changed: lb_algo wonder",
        ":14: dropped: quorum 2", ":15: dropped: odd 1", ":17: dropped: MISC_CHECK",
        ":19: dropped: odd 2", ":22: dropped: virtual_server fwmark 3", ":25: dropped: @other"}) {
    EXPECT_THAT(said, ::testing::Contains(HasSubstr(line)));
  }
  EXPECT_EQ(said.size(), 12U);
}

TEST(KeepalivedImport, LinesForThisMachineAndIncludedFiles) {
  const Imported all = imported(
      "@lb1 virtual_server 192.0.2.1 80 {\n lb_kind NAT\n real_server 192.0.2.21 8080 {\n }\n}\n"
      "@^lb1 virtual_server 192.0.2.2 80 {\n}\ninclude more.conf\n",
      {"default", "lb1"});
  const auto services = of_kind<VirtualService>(all);
  ASSERT_EQ(services.size(), 2U);
  EXPECT_EQ(services[0].spec.ports[0].target_port, 8080);
  EXPECT_EQ(services[1].spec.ports[0].port, 53);
  EXPECT_EQ(services[1].meta.annotations.at("lvs-operator.io/imported-from"), "more.conf:1");
}

TEST(KeepalivedImport, BytesOfAnOlderEncodingDoNoHarm) {
  const Imported all = imported(
      "# caf\xe9\nvrrp_instance i {\n interface caf\xe9\n virtual_ipaddress {\n  192.0.2.1\n }\n}\n"
      "virtual_server 192.0.2.1 80 {\n lb_kind DR\n}\n");
  EXPECT_EQ(of_kind<VirtualService>(all).size(), 1U);
}

TEST(KeepalivedImport, ATimeoutIsCutToTheInterval) {
  const Imported all = imported(
      "virtual_server 192.0.2.1 80 {\n delay_loop 3\n lb_kind DR\n real_server 192.0.2.21 80 {\n"
      "  TCP_CHECK {\n   connect_timeout 10\n  }\n }\n}\n");
  EXPECT_EQ(of_kind<VirtualService>(all).at(0).spec.health_check->timeout, Duration{3'000});
  EXPECT_THAT(notes(all), ElementsAre(HasSubstr(":5: changed: TCP_CHECK")));
}

TEST(KeepalivedImport, SslGetIsAnHttpsCheckThatTakesEveryCertificate) {
  const Imported all = imported(
      "virtual_server 192.0.2.1 443 {\n virtualhost shop.example\n lb_kind DR\n"
      " real_server 192.0.2.21 443 {\n  SSL_GET {\n   enable_sni\n   http_protocol 1.0\n"
      "   url {\n    path /health\n    status_code 200 301-302\n   }\n  }\n }\n}\n");
  HttpCheck expected;
  expected.path = "/health";
  expected.expect_status = {{200, 200}, {301, 302}};
  expected.host = "shop.example";
  expected.version = "1.0";
  expected.tls.emplace().insecure = true;
  EXPECT_EQ(std::get<HttpCheck>(of_kind<VirtualService>(all).at(0).spec.health_check->kind),
            expected);
  EXPECT_THAT(notes(all), ElementsAre(HasSubstr(":6: replaced: enable_sni")));
}

TEST(KeepalivedImport, ChecksOfOtherKindsAreFields) {
  const auto kind_of = [](const std::string& check) {
    const Imported all = imported(
        "virtual_server 192.0.2.1 53 {\n lb_kind DR\n protocol UDP\n"
        " real_server 192.0.2.21 53 {\n " +
        check + "\n }\n}\n");
    EXPECT_THAT(notes(all), IsEmpty());
    return of_kind<VirtualService>(all).at(0).spec.health_check.value().kind;
  };
  EXPECT_EQ(kind_of("SMTP_CHECK {\n helo_name lb.example\n }"), CheckKind(SmtpCheck{"lb.example"}));
  EXPECT_EQ(kind_of("DNS_CHECK {\n type A\n name shop.example\n }"),
            CheckKind(DnsCheck{"shop.example", "A", "NOERROR", std::nullopt}));
  EXPECT_EQ(kind_of("UDP_CHECK {\n payload 70 69\n require_reply 706f\n }"),
            CheckKind(UdpCheck{"7069", "706f"}));
  EXPECT_EQ(kind_of("PING_CHECK {\n }"), CheckKind(IcmpCheck{}));
}

}  // namespace
}  // namespace lvs::cli
