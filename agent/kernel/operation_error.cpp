#include "agent/kernel/operation_error.h"

#include <cerrno>
#include <system_error>

namespace lvs {
namespace {

struct Subject {
  std::string verb;    // "add destination"
  std::string object;  // "192.0.2.7:80 of TCP 192.0.2.1:80"
};

std::string of_service(const DestinationKey& key, const ServiceKey& service) {
  return to_string(key) + " of " + to_string(service);
}

struct Namer {
  Subject operator()(const NewService& o) const { return {"add service", to_string(o.key)}; }
  Subject operator()(const SetService& o) const { return {"change service", to_string(o.key)}; }
  Subject operator()(const DeleteService& o) const { return {"delete service", to_string(o.key)}; }
  Subject operator()(const NewDestination& o) const {
    return {"add destination", of_service(o.key, o.service)};
  }
  Subject operator()(const SetDestination& o) const {
    return {"change destination", of_service(o.key, o.service)};
  }
  Subject operator()(const DeleteDestination& o) const {
    return {"delete destination", of_service(o.key, o.service)};
  }
  Subject operator()(const AddAddress& o) const {
    return {"add address", o.address.to_string() + " on " + o.interface};
  }
  Subject operator()(const DeleteAddress& o) const {
    return {"delete address", o.address.to_string() + " on " + o.interface};
  }
  Subject operator()(const SetArp& o) const {
    return {"set arp_ignore and arp_announce", "of " + o.interface};
  }
  Subject operator()(const SetAcceptLocal& o) const {
    return {"set accept_local", "of " + o.interface};
  }
  Subject operator()(const SetLocalDelivery&) const {
    return {"set up", "local delivery of what another director has balanced"};
  }
  Subject operator()(const StartSyncDaemon& o) const {
    return {"start sync daemon", to_string(o.daemon.role) + " on " + o.daemon.interface};
  }
  Subject operator()(const StopSyncDaemon& o) const {
    return {"stop sync daemon", to_string(o.role)};
  }
  Subject operator()(const SetIpvsSetting& o) const {
    return {"set", "net.ipv4.vs." + o.name + " to \"" + o.value + "\""};
  }
};

// What to do; empty where the errno says it all.
struct Advisor {
  int error_number;

  std::string operator()(const NewService& o) const { return service_advice(o.config); }
  std::string operator()(const SetService& o) const {
    if (error_number == ESRCH) return "the service is gone; it is added again at the next pass";
    return service_advice(o.config);
  }
  std::string operator()(const DeleteService&) const { return already_gone(ESRCH); }
  std::string operator()(const NewDestination& o) const { return destination_advice(o.config); }
  std::string operator()(const SetDestination& o) const {
    if (error_number == ENOENT)
      return "the destination is gone; it is added again at the next pass";
    return destination_advice(o.config);
  }
  std::string operator()(const DeleteDestination&) const { return already_gone(ENOENT); }
  std::string operator()(const AddAddress& o) const {
    if (error_number == ENODEV) return "there is no interface " + o.interface;
    if (error_number == EEXIST) return "the address is there already";
    if (error_number == EACCES)
      return "IPv6 is off there; set net.ipv6.conf." + o.interface + ".disable_ipv6=0";
    return {};
  }
  std::string operator()(const DeleteAddress& o) const {
    if (error_number == ENODEV) return "there is no interface " + o.interface;
    if (error_number == EPERM)
      return "it is not marked as ours and stays; remove it with ip addr del";
    return already_gone(EADDRNOTAVAIL);
  }
  std::string operator()(const SetArp& o) const {
    return error_number == ENOENT ? "there is no interface " + o.interface : read_only_advice();
  }
  std::string operator()(const SetAcceptLocal& o) const {
    return error_number == ENOENT ? "there is no interface " + o.interface : read_only_advice();
  }
  std::string operator()(const SetLocalDelivery&) const {
    if (error_number == EOPNOTSUPP || error_number == EPROTONOSUPPORT) {
      return "run \"modprobe nf_tables\" on the host; without it packets go round between "
             "directors that are real servers, too";
    }
    return {};
  }
  std::string operator()(const StartSyncDaemon& o) const {
    if (error_number == EEXIST) return "one runs already; look with ipvsadm -L --daemon";
    if (error_number == ENODEV) return "there is no interface " + o.daemon.interface;
    if (error_number == EINVAL) {
      return "the kernel runs none while real servers behind a tunnel have another address family "
             "than their VIP; and the group must be a multicast address";
    }
    if (error_number == ENETUNREACH || error_number == EADDRNOTAVAIL) {
      return "the interface has no address of the group's family; with --sync-group=ff02::5148 "
             "IPv6 is used";
    }
    return {};
  }
  std::string operator()(const StopSyncDaemon&) const { return already_gone(ESRCH); }
  std::string operator()(const SetIpvsSetting&) const {
    if (error_number == ENOENT) return "this kernel's IPVS has no such setting";
    return read_only_advice();
  }

 private:
  [[nodiscard]] std::string read_only_advice() const {
    if (error_number != EROFS && error_number != EACCES) return {};
    return "the sysctl folder is read-only here; in a pod mount the host's /proc/sys/net";
  }
  [[nodiscard]] std::string already_gone(int gone) const {
    return error_number == gone ? "it is gone already" : "";
  }
  [[nodiscard]] std::string service_advice(const ServiceConfig& config) const {
    if (error_number == ENOENT) {
      return "scheduler \"" + config.scheduler +
             "\" is not available; install or load the kernel module ip_vs_" + config.scheduler;
    }
    if (error_number == EEXIST) return "the service exists already";
    if (error_number == EINVAL && config.scheduler == "mh") {
      return "mh cannot hold more destinations than its table has rows (CONFIG_IP_VS_MH_TAB_INDEX)";
    }
    return {};
  }
  [[nodiscard]] std::string destination_advice(const DestinationConfig& config) const {
    if (error_number == ESRCH) return "the service does not exist";
    if (error_number == EEXIST) return "the destination exists already";
    if (error_number == ERANGE && config.lower_threshold > config.upper_threshold) {
      return "the lower threshold is above the upper one";
    }
    if (error_number == ERANGE) return "the weight is out of range";
    if (error_number == EINVAL) {
      return "the address must be a unicast address that this node can route, of the service's "
             "family "
             "unless the method is Tunnel and no sync daemon runs";
    }
    return {};
  }
};

bool is_missing_scheduler(const Operation& operation, int error_number) {
  return error_number == ENOENT && (std::holds_alternative<NewService>(operation) ||
                                    std::holds_alternative<SetService>(operation));
}

}  // namespace

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case ENOENT:
    case ESRCH:
    case ENODEV:
    case EADDRNOTAVAIL:
      return ErrorCode::kNotFound;
    case EINVAL:
    case ERANGE:
      return ErrorCode::kInvalidArgument;
    case EPERM:
    case EACCES:
    case EROFS:
      return ErrorCode::kPermissionDenied;
    case EAFNOSUPPORT:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
      return ErrorCode::kUnsupported;
    case EAGAIN:
    case EBUSY:
    case ENOMEM:
    case ENOBUFS:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kIo;
  }
}

Error explain_errno(const Operation& operation, int error_number, const std::string& kernel_text) {
  const Subject subject = std::visit(Namer{}, operation);
  std::string message = "cannot " + subject.verb + " " + subject.object + ": ";
  const std::string advice = std::visit(Advisor{error_number}, operation);
  message += std::generic_category().message(error_number);
  if (!kernel_text.empty()) message += " (kernel: " + kernel_text + ")";
  if (!advice.empty()) {
    message += "; " + advice;
  } else if (error_number == EPERM) {
    message += "; the agent needs CAP_NET_ADMIN in the initial user namespace";
  }
  const bool no_scheduler = is_missing_scheduler(operation, error_number);
  return {no_scheduler ? ErrorCode::kUnsupported : code_of_errno(error_number), message};
}

}  // namespace lvs
