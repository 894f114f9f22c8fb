#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/exposition.h"

namespace lvs {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Metrics, FamiliesKeepOneSeriesPerLabels) {
  MetricsRegistry registry;
  auto& pushes = registry.counters("lvs_pushes_total", "Pushes.");
  pushes.with({{"kind", "put"}}).add();
  pushes.with({{"kind", "put"}}).add(2);
  pushes.with({{"kind", "patch"}}).add();
  EXPECT_EQ(pushes.with({{"kind", "put"}}).value(), 3);
  const auto page = registry.text();
  EXPECT_THAT(page, HasSubstr("lvs_pushes_total{kind=\"put\"} 3"));
  EXPECT_THAT(page, HasSubstr("# HELP lvs_pushes_total Pushes."));
}

TEST(Metrics, RemovedSeriesLeaveThePage) {
  MetricsRegistry registry;
  auto& gauges = registry.gauges("lvs_agent_reachable", "1 or 0.");
  gauges.with({{"node", "a"}}).set(1);
  gauges.with({{"node", "b"}}).set(0);
  gauges.remove({{"node", "a"}});
  gauges.remove({{"node", "never"}});
  EXPECT_THAT(registry.text(), Not(HasSubstr("node=\"a\"")));
  EXPECT_THAT(registry.text(), HasSubstr("node=\"b\""));
}

TEST(Metrics, HistogramsAndWhatIsReadNow) {
  MetricsRegistry registry;
  registry.histograms("lvs_seconds", "Time.", {0.1, 1}).with().observe(0.5);
  registry.on_scrape([](const PageSink& page) {
    Exposition now(page);
    now.family("lvs_kernel_total", "Read now.", Exposition::Type::kCounter);
    now.sample(label_text({{"vip", "v"}}), std::uint64_t{18446744073709551615U});
    now.sample(label_text({{"vip", "w"}}), "direction=\"in\"", 7);
  });
  const auto page = registry.text();
  EXPECT_THAT(page, HasSubstr("lvs_seconds_bucket{le=\"1\"} 1"));
  EXPECT_THAT(page, EndsWith("# HELP lvs_kernel_total Read now.\n# TYPE lvs_kernel_total counter\n"
                             "lvs_kernel_total{vip=\"v\"} 18446744073709551615\n"
                             "lvs_kernel_total{vip=\"w\",direction=\"in\"} 7\n"));
}

TEST(Metrics, ALongPageComesInParts) {
  constexpr std::uint64_t kSamples = 10'000;
  MetricsRegistry registry;
  registry.on_scrape([](const PageSink& page) {
    Exposition now(page);
    now.family("lvs_many", "Many.", Exposition::Type::kGauge);
    for (std::uint64_t i = 0; i < kSamples; ++i) now.sample("a=\"b\"", i);
  });
  std::vector<std::string> parts;
  registry.write([&](std::string_view part) { parts.emplace_back(part); });
  EXPECT_GT(parts.size(), 1U);
  std::string whole;
  for (const std::string& part : parts) {
    EXPECT_FALSE(part.empty());  // would be the end, on the wire
    EXPECT_LT(part.size(), std::size_t{200} * 1024);
    whole += part;
  }
  EXPECT_EQ(whole, registry.text());
  EXPECT_THAT(whole, EndsWith("lvs_many{a=\"b\"} 9999\n"));
}

TEST(Metrics, LabelValuesAreEscaped) {
  EXPECT_EQ(label_text({{"a", "x\"y\\z\n"}, {"b", ""}}), R"(a="x\"y\\z\n",b="")");
}

TEST(Metrics, LabelsOfAll) {
  MetricsRegistry registry(MetricLabels{{"node", "a"}});
  registry.gauges("lvs_vips", "VIPs.").with({{"vip", "v"}}).set(1);
  EXPECT_THAT(registry.text(), HasSubstr("lvs_vips{node=\"a\",vip=\"v\"} 1"));
}

TEST(Metrics, ExposesAndReportsAnAddressInUse) {
  MetricsRegistry registry;
  add_build_info(registry, "test");
  ASSERT_TRUE(registry.expose("127.0.0.1:0"));
  EXPECT_GT(registry.port(), 0);
  EXPECT_THAT(registry.text(), HasSubstr("lvs_build_info{component=\"test\",version=\""));
  MetricsRegistry second;
  const auto taken = second.expose("127.0.0.1:" + std::to_string(registry.port()));
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("cannot listen for metrics on 127.0.0.1:"));
}

}  // namespace
}  // namespace lvs
