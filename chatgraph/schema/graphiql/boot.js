// Starts GraphiQL on the endpoint that this script's own tag names.
"use strict";

(() => {
  const { nonce, dataset } = document.currentScript;
  const endpoint = new URL(dataset.endpoint, location.href);

  // GraphiQL makes one stylesheet while a dialog is open; this is where it looks for the page's nonce.
  window.__webpack_nonce__ = nonce;

  const defaultQuery = `# 1. Register, once.
#    (Ctrl-Enter runs the operation with the cursor.)
mutation Register {
  register(input: {
    username: "ada"
    password: "choose a long one"
  }) {
    user { id username }
  }
}

# 2. Log in, and copy the access token.
mutation Login {
  login(input: {
    username: "ada"
    password: "choose a long one"
  }) {
    accessToken
    refreshToken
    expiresIn
    user { username }
  }
}

# 3. Put the token into the Headers tab below;
#    every request brings it:
#    {"Authorization": "Bearer <accessToken>"}

# 4. Look around. The book at the left
#    explains every field.
query Houses {
  houses {
    nodes { id name viewerRole viewerCan }
  }
  rooms(first: 5) {
    nodes {
      title
      talks(last: 5) {
        nodes { seq content creator { username } }
      }
    }
  }
}
`;

  function fetcher(operation, { headers = {}, documentAST } = {}) {
    return isSubscription(operation, documentAST) ? listen(operation, headers) : post(operation, headers);
  }

  function isSubscription({ operationName }, documentAST) {
    const operations = (documentAST?.definitions ?? []).filter(({ kind }) => kind === "OperationDefinition");
    const chosen = operations.find(({ name }) => !operationName || name?.value === operationName);
    return chosen?.operation === "subscription";
  }

  async function post(operation, headers) {
    let response, text;
    try {
      const sent = new Headers({
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json, application/json;q=0.9",
      });
      for (const [name, value] of Object.entries(headers)) sent.set(name, value);
      response = await fetch(endpoint, { method: "POST", headers: sent, body: JSON.stringify(operation) });
      text = await response.text();
    } catch (error) {
      return { errors: [{ message: `The server did not answer: ${error.message}` }] };
    }
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `The server answered ${response.status}, not in JSON: ${text}` }] };
    }
  }

  // An observable, so that GraphiQL's stop button closes the socket at once. Each subscription has a socket of
  // its own, opened with the headers of that moment: a new token needs no reload.
  function listen(operation, headers) {
    const url = new URL(endpoint);
    url.protocol = url.protocol.replace("http", "ws");
    const client = graphqlWs.createClient({ url: url.href, connectionParams: headers, retryAttempts: 0 });
    return {
      subscribe: ({ next, error, complete }) => ({
        unsubscribe: client.subscribe(operation, { next, complete, error: (cause) => error(explain(cause)) }),
      }),
    };
  }

  function explain(cause) {
    if (Array.isArray(cause)) return cause; // GraphQL errors
    if (cause instanceof CloseEvent) return { message: `The socket closed: ${cause.code} ${cause.reason}`.trim() };
    return { message: cause?.message ?? "The socket could not be opened." };
  }

  // What is typed may hold a password, so it is kept until the tab is closed and no longer. The Headers tab holds
  // the token: it isn't kept unless that is asked for in the settings, and never in the history, where GraphiQL
  // would put it whatever the settings say.
  const storage = {
    get length() {
      return sessionStorage.length;
    },
    clear: () => sessionStorage.clear(),
    getItem: (key) => sessionStorage.getItem(key),
    removeItem: (key) => sessionStorage.removeItem(key),
    setItem: (key, value) => sessionStorage.setItem(key, isHistory(key) ? withoutHeaders(value) : value),
  };

  function isHistory(key) {
    return key === "graphiql:queries" || key === "graphiql:favorites";
  }

  function withoutHeaders(json) {
    return JSON.stringify(JSON.parse(json), (key, value) => (key === "headers" ? undefined : value));
  }

  const graphiql = React.createElement(
    GraphiQL,
    {
      fetcher,
      defaultQuery,
      isHeadersEditorEnabled: true,
      defaultEditorToolsVisibility: "headers",
      storage,
    },
    React.createElement(GraphiQL.Logo, null, "chatgraph"),
  );
  ReactDOM.createRoot(document.getElementById("graphiql")).render(graphiql);
})();
