// Mercurius, as its documentation says: subscriptions over its own in-memory emitter. Every talk that is posted is
// told to all who listen, in the words of the message that was taken from chatgraph. There is no database behind it.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import mercurius from 'mercurius'

const { values } = parseArgs({ options: { host: { type: 'string' }, port: { type: 'string' } } })
const event = JSON.parse(readFileSync(process.env.TOLD_MESSAGE)).payload.data.houseEvents
let seq = event.talk.seq

const schema = `
  type User { username: String! }
  type Talk { id: ID! databaseId: Int! seq: Int! createTime: String! content: String! creator: User! }
  interface Event { cursor: String! }
  type TalkPosted implements Event { cursor: String! talk: Talk! }
  type Query { alive: Boolean! }
  input PostTalkInput { roomId: ID! content: String! clientKey: String }
  type PostTalkPayload { talk: Talk! replayed: Boolean! }
  type Mutation { postTalk(input: PostTalkInput!): PostTalkPayload! }
  type Subscription { houseEvents(houseId: ID!): Event! }
`

const resolvers = {
  Query: { alive: () => true },
  Mutation: {
    postTalk: async (_, { input }, { pubsub }) => {
      const talk = { ...event.talk, seq: ++seq, content: input.content }
      await pubsub.publish({ topic: 'house', payload: { houseEvents: { ...event, talk } } })
      return { talk: { ...talk, id: `${seq}`, databaseId: seq, createTime: '' }, replayed: false }
    }
  },
  Subscription: { houseEvents: { subscribe: (_, __, { pubsub }) => pubsub.subscribe('house') } },
  Event: { resolveType: () => 'TalkPosted' }
}

const app = Fastify({ logger: false })
app.register(mercurius, { schema, resolvers, subscription: true, jit: 1 })
const address = await app.listen({ host: values.host, port: Number(values.port) })
console.log(`mercurius listens on ${address}`)
