#include "http/base_url.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

TEST(BaseUrl, IsTakenApart) {
  const auto plain = parse_base_url("https://10.0.0.1:6443/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text, "https://10.0.0.1:6443");
  EXPECT_EQ(plain->host, "10.0.0.1");
  EXPECT_EQ(plain->unbracketed, "https://10.0.0.1:6443");

  const auto path = parse_base_url("https://kube.example.net/k8s/clusters/c-1");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->host, "kube.example.net");
  EXPECT_EQ(path->unbracketed, "https://kube.example.net/k8s/clusters/c-1");

  const auto six = parse_base_url("https://[fd00::1]:6443/x");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "fd00::1");
  EXPECT_EQ(six->unbracketed, "https://fd00::1:6443/x");
}

TEST(BaseUrl, WhatIsNoServerIsRefused) {
  for (const char* text :
       {"", "/", "10.0.0.1:6443", "ftp://x", "https://", "https://:6443", "https://[::1]",
        "https://[::1", "https://[]:1", "https://[::1]6443", "https://a:b", "https://a:0",
        "https://a:65536", "https://user@a:1", "https://a b", "https://a:1:2"}) {
    const auto url = parse_base_url(text);
    EXPECT_FALSE(url) << text;
    EXPECT_EQ(url ? ErrorCode::kIo : url.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace lvs
