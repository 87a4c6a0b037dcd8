"""Files of prices on their way in: sent, previewed, imported."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.access import permissions
from operations.access.permissions import Permission
from operations.api.base import StrictSerializer, body, success, user_of
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from operations.bounded.errors import Replaced, TooBusy
from operations.bounded.visit import visit_of
from training.api import answers, examples
from training.market_data.errors import MarketDataInvalid
from training.market_data.reading.options import OF_IMPORTS, OPTIONS
from training.strategy.values import SYMBOL, TIMEFRAMES
from training.uploads import acting, folder, streaming
from training.uploads.asked import Asked
from training.uploads.errors import (
    FileTooLargeHere,
    NotStreamed,
    OptionInvalid,
    ReadingFailed,
    TooManyUploads,
    UploadInUse,
    UploadNotFound,
    UploadUsed,
)
from training.uploads.folder import Upload

MOST_CHARACTERS = 1000


class OptionsBody(StrictSerializer):
    """The words of `import_market_data`."""

    def get_fields(self) -> dict[str, Any]:
        return {
            option.name: serializers.BooleanField(required=False, help_text=option.help)
            if option.takes is None
            else serializers.CharField(
                required=False,
                max_length=MOST_CHARACTERS,
                trim_whitespace=False,
                help_text=f"{option.takes}. {option.help}",
            )
            for option in (*OPTIONS, *OF_IMPORTS)
        }


class ImportBody(StrictSerializer):
    symbol = serializers.RegexField(SYMBOL)
    timeframe = serializers.ChoiceField(list(TIMEFRAMES))
    options = OptionsBody(required=False)


class UploadsView(ApiView):
    permission = Permission.ADD_DATA

    @endpoint(
        "list_uploads",
        "Your uploads, newest first",
        data=answers.ShownUpload(many=True),
        example=[examples.UPLOAD],
    )
    def get(self, request: Request) -> Response:
        return success([present_upload(upload) for upload in folder.of(user_of(request))])

    @endpoint(
        "upload_file",
        "Send a file of prices",
        description="The body is the file, and `?name=prices.csv` its name; or a form "
        "(multipart/form-data) of one field, the file. Whether you may, and its announced size, "
        "are looked at before a byte is read. You may have two at a time; each is kept for an "
        "hour. Nothing is stored until it is imported.",
        data=answers.ShownUpload(),
        statuses=(201,),
        raises=[NotStreamed, TooManyUploads],
        example=examples.UPLOAD,
    )
    def post(self, request: Request) -> Response:
        upload = streaming.take(request._request, user_of(request))
        response = success(present_upload(upload), status=201)
        response["Location"] = f"{request.path}/{upload.id}"
        streaming.let_in(response, upload)
        return response


class UploadView(ApiView):
    permission = Permission.ADD_DATA

    @endpoint(
        "get_upload",
        "An upload, and what became of its import",
        data=answers.ShownUpload(),
        raises=[UploadNotFound],
        example=examples.UPLOAD,
    )
    def get(self, request: Request, upload_id: str) -> Response:
        return success(present_upload(folder.find(user_of(request), upload_id)))

    @endpoint(
        "delete_upload",
        "Delete an upload",
        data=serializers.DictField(),
        raises=[UploadNotFound, UploadInUse],
        example={},
    )
    def delete(self, request: Request, upload_id: str) -> Response:
        folder.discard(folder.find(user_of(request), upload_id))
        return success({})


class PreviewView(ApiView):
    permission = Permission.ADD_DATA

    @endpoint(
        "preview_upload",
        "What an import of an upload would store",
        description="Nothing is stored. A file that needs an answer is refused with the option "
        "that gives it; `errors` then also tell the first row as other options would have it.",
        body=ImportBody,
        body_example={"symbol": "ACME", "timeframe": "1h", "options": {"dates": "dmy"}},
        data=answers.UploadPreview(),
        raises=[
            UploadNotFound,
            UploadUsed,
            OptionInvalid,
            MarketDataInvalid,
            FileTooLargeHere,
            ReadingFailed,
            TooBusy,
            Replaced,
        ],
        example=examples.UPLOAD_PREVIEW,
    )
    def post(self, request: Request, upload_id: str) -> Response:
        upload = folder.find(user_of(request), upload_id)
        asked = Asked(**body(ImportBody, request))
        return success(acting.preview(upload, asked, visit=visit_of(request._request)))


class ImportView(ApiView):
    permission = Permission.ADD_DATA

    @endpoint(
        "import_upload",
        "Import an upload",
        description="It is read and stored whoever waits for it, in its turn; `GET uploads/ID` "
        "tells how far it is, and how it ends. Sent again, it changes nothing. The option "
        "`replace` takes the permission `training.delete_marketdata`, too.",
        body=ImportBody,
        body_example={"symbol": "ACME", "timeframe": "1h"},
        data=answers.ShownUpload(),
        statuses=(202,),
        raises=[UploadNotFound, UploadUsed, UploadInUse, OptionInvalid],
        example={**examples.UPLOAD, "status": "importing"},
    )
    def post(self, request: Request, upload_id: str) -> Response:
        upload = folder.find(user_of(request), upload_id)
        asked = Asked(**body(ImportBody, request))
        permissions.require_all(request.user, asked.needs)
        acting.begin_import(upload, asked)
        return success(present_upload(upload), status=202)


def present_upload(upload: Upload) -> dict[str, Any]:
    told = folder.state_of(upload)
    return {
        "id": upload.id,
        "name": upload.name,
        "size_bytes": upload.size_bytes,
        "created_at": datetime.fromtimestamp(upload.created_at, UTC),
        "expires_at": datetime.fromtimestamp(upload.expires_at, UTC),
        "status": told["status"],
        "step": told.get("step"),
        "problem": told.get("problem"),
        "imported": told.get("imported"),
    }
