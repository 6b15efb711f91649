# Both images of the product: `app` answers and follows events, `media` also has ffmpeg and its sandbox.
# Each starts the entry file it is given, e.g. `docker run … run-services/channels/main.ts`; see shared/domain/service-catalogue.ts.
ARG NODE=24.21.0

FROM node:${NODE}-trixie-slim AS packages
WORKDIR /srv
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM packages AS pages
COPY tsconfig.json ./
COPY shared shared
COPY run-services run-services
RUN node -e "import('#run-services/web/build-pages.ts').then(m => m.buildPages({outDir: '/srv/pages', cacheKey: process.version}))"

FROM node:${NODE}-trixie-slim AS app
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini ca-certificates \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules/npm /usr/local/bin/npm /usr/local/bin/npx
WORKDIR /srv
ENV NODE_ENV=production PORT=8080 PAGES_DIR=/srv/pages
COPY --from=packages /srv/node_modules node_modules
COPY --from=pages /srv/pages pages
COPY package.json ./
COPY shared shared
COPY functions functions
COPY run-services run-services
# The code belongs to root and the process does not: it cannot change what it runs.
USER node
ENTRYPOINT ["tini", "--", "node"]

FROM app AS media
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg bubblewrap srt-tools \
 && rm -rf /var/lib/apt/lists/*
USER node
