#include "agent/kernel/operation_error.h"

#include <cerrno>

#include <gmock/gmock.h>

namespace lvs {
namespace {

using ::testing::HasSubstr;

const ServiceKey kService{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
const DestinationKey kServer{IpAddress::parse("192.0.2.7").value(), 80};

TEST(OperationError, NamesTheObjectTheCauseAndTheRemedy) {
  const auto error = explain_errno(NewService{kService, {"mh", 0, 0, 0}}, ENOENT);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message,
            "cannot add service TCP 192.0.2.1:80: No such file or directory; scheduler \"mh\" is "
            "not available; install or load the kernel module ip_vs_mh");
}

TEST(OperationError, RepeatsTheKernelsWords) {
  EXPECT_THAT(explain_errno(AddAddress{kService.address, "eth0", VipScope::kUplink, 0}, EINVAL,
                            "Invalid prefix")
                  .message,
              HasSubstr("192.0.2.1 on eth0: Invalid argument (kernel: Invalid prefix)"));
}

TEST(OperationError, SaysWhichCapabilityIsMissing) {
  const auto error = explain_errno(NewDestination{kService, kServer, {}}, EPERM);
  EXPECT_EQ(error.code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(error.message, HasSubstr("CAP_NET_ADMIN"));
}

TEST(OperationError, NamesThingsThatAreGone) {
  const std::vector<std::pair<Operation, int>> gone{
      {DeleteService{kService}, ESRCH},
      {SetService{kService, {}}, ESRCH},
      {DeleteDestination{kService, kServer}, ENOENT},
      {SetDestination{kService, kServer, {}}, ENOENT},
      {DeleteAddress{kService.address, "eth0"}, EADDRNOTAVAIL},
  };
  for (const auto& [operation, error_number] : gone) {
    const auto error = explain_errno(operation, error_number);
    EXPECT_EQ(error.code, ErrorCode::kNotFound) << error.message;
    EXPECT_THAT(error.message, HasSubstr("gone"));
  }
}

TEST(OperationError, ReadOnlySysctlsPointToThePod) {
  const auto error = explain_errno(SetArp{"eth0", 1, 2}, EROFS);
  EXPECT_EQ(error.code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(error.message, HasSubstr("/proc/sys/net"));
}

}  // namespace
}  // namespace lvs
