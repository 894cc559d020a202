/*
 * The smallest tool that ltijs makes, as its documentation shows it, with ltijs-sequelize on SQLite: onConnect answers
 * a tiny page. Three things differ from its defaults, all in its favour: the database is in WAL mode (rollback journal
 * otherwise), the age of a token may be a minute instead of ten seconds, because a round signs its tokens at once, and
 * the app runs in PEER_WORKERS processes by node's own cluster module. Settings come from PEER_* variables, made by
 * tests/benchmarks/peers.py.
 */
'use strict'

const cluster = require('node:cluster')
const lti = require('ltijs').Provider
const Database = require('ltijs-sequelize')
const sqlite3 = require('sqlite3')

const env = process.env

function setUp () {
  const plugin = new Database('peer', '', '', { dialect: 'sqlite', storage: env.PEER_DATABASE, logging: false })
  lti.setup(env.PEER_SECRET, { plugin }, { appRoute: '/', loginRoute: '/login', tokenMaxAge: 60 })
  lti.onConnect((token, req, res) => res.send('<!doctype html><title>Tool</title><p>Welcome'))
  return lti.deploy({ serverless: true, silent: true })
}

function useWal () {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(env.PEER_DATABASE)
    database.exec('PRAGMA journal_mode = WAL', error => error ? reject(error) : database.close(resolve))
  })
}

function register () {
  const authConfig = env.PEER_KEY
    ? { method: 'JWK_KEY', key: env.PEER_KEY }
    : { method: 'JWK_SET', key: env.PEER_JWKS_URL }
  return lti.registerPlatform({
    url: env.PEER_ISSUER,
    name: 'Benchmark',
    clientId: env.PEER_CLIENT_ID,
    authenticationEndpoint: env.PEER_AUTH_URL,
    accesstokenEndpoint: env.PEER_TOKEN_URL,
    authConfig
  })
}

async function main () {
  if (cluster.isPrimary) {
    await useWal()
    await setUp()
    await register()
    for (let worker = 0; worker < Number(env.PEER_WORKERS); worker++) cluster.fork()
    cluster.on('exit', () => process.exit(1))
  } else {
    await setUp()
    lti.app.listen(Number(env.PEER_PORT), '127.0.0.1')
  }
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
