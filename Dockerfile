# One image for the three programs: lvs-operator, lvs-agent and lvsctl.
#
#   make image        (buildah, no daemon)      or: docker build -t lvs-operator:0.1.0 .
#
# The image holds the programs, the shared libraries that they load, and the records of the Debian packages that
# these come from (for scanners). No shell, no package manager. The same file builds every architecture of Debian.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/setup.sh scripts/
RUN scripts/setup.sh product
COPY . .
RUN cmake --preset release -DCMAKE_UNITY_BUILD=ON && cmake --build --preset release \
 && DESTDIR=/image cmake --install build/release --prefix /usr --strip --component programs \
 && scripts/image-root.sh /image \
 && rm -rf build

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="lvs-operator" \
      org.opencontainers.image.description="Kernel load balancing (IPVS, direct routing) from two resources: operator, node agent and command line" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
# The agent's pod says otherwise: it needs the node's root user, with two capabilities.
USER 65532:65532
CMD ["lvs-operator", "--help"]
ENV PATH=/usr/bin
