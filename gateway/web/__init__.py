"""The pages: server-rendered, plain forms, usable without JavaScript (design 9).

Pages ask the public API in-process with the visitor's own token (`api_client`): one law for pages, window systems and
everybody else. `web.routers` goes into the gateway's `Service(routers=[…])`.
"""
