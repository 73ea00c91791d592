"""The stylesheet and the script, kept by the browser for as long as their content is the same."""

from fastapi import Depends
from starlette.responses import Response

from gateway.web.rendering import PageRoute, assets
from kernel.errors import NotFound
from kernel.public_service.access import public
from kernel.web.routing import Router

router = Router(route_class=PageRoute)


@router.get(
    "/static/{name}", dependencies=[Depends(public("页面的样式和脚本，没有数据 / style and script, no data"))]
)
async def read_asset(name: str) -> Response:
    if name not in assets():
        raise NotFound()
    content, media_type, fingerprint = assets()[name]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{fingerprint}"'}
    return Response(content, media_type=media_type, headers=headers)
