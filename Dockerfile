# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save
COPY . .
RUN npm run build

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --uid 10001 --home-dir /data --shell /usr/sbin/nologin smallest \
 && install -d -m 700 -o smallest -g smallest /data
COPY --from=build /src/dist/smallest /usr/local/bin/smallest
COPY --from=build /src/LICENSE /src/THIRD-PARTY-NOTICES.md /usr/share/doc/smallest/
USER smallest
WORKDIR /data
VOLUME /data
ENV SMALLEST_HOST=0.0.0.0 \
    SMALLEST_PORT=7171 \
    SMALLEST_DATA=/data
EXPOSE 7171
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${SMALLEST_PORT}/api/ready"
ENTRYPOINT ["smallest"]
CMD ["serve"]
