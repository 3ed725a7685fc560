"""What each function can be made to do. A function that is not here fails the proof."""

from collections.abc import Callable

from tests.iam import scenes_of_people as people
from tests.iam import scenes_of_services as services
from tests.iam.stage import Stage

Scene = Callable[[Stage], None]

REPERTOIRES: dict[str, tuple[Scene, ...]] = {
    "HomeFunction": (people.start_page,),
    "LoginFunction": (people.begin_to_sign_in,),
    "CallbackFunction": (
        people.sign_in_again,
        people.come_back_twice,
        people.come_back_in_vain,
        people.come_back_too_late,
    ),
    "SessionFunction": (
        people.see_and_end_sessions,
        people.renew,
        people.renew_in_vain,
        people.renew_to_somebody_else,
    ),
    "LogoutFunction": (people.sign_out,),
    "SendOtpFunction": (
        services.send_a_code,
        services.send_too_many,
        services.send_in_vain,
        services.send_to_who_bounces,
        services.keys_that_came_later,
        services.send_to_many,
    ),
    "MailgunWebhookFunction": (services.hear_of_messages,),
    "BackchannelLogoutFunction": (services.hear_of_a_logout,),
    "LogtoWebhookFunction": (services.hear_of_a_suspension,),
    "EndSessionsFunction": (services.endings_wait_for_dynamodb,),
    "HealthFunction": (services.look_at_everything,),
    "HelloFunction": (people.be_asked_by_another_application,),
    "ReportFunction": (people.be_asked_by_another_application,),
    "AccountFunction": (people.be_asked_by_another_application,),
}
