from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and customers")

    def ready(self) -> None:
        from allauth.account import signals as account
        from allauth.mfa import signals as mfa
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import queues
        from accounts.middleware import note_sign_in
        from accounts.models.requests import document_ids_visible_to as change_document_ids
        from accounts.privacy import declare_privacy
        from accounts.signing_in import receivers
        from portal import collect
        from portal.events import Verb, describe
        from portal.files.access import register_access

        declare_privacy()
        user_logged_in.connect(note_sign_in)
        user_logged_out.connect(receivers.signed_out)
        account.user_logged_in.connect(receivers.signed_in)
        mfa.authentication_failed.connect(receivers.wrong_code)
        mfa.authenticator_added.connect(receivers.factor_added)
        mfa.authenticator_removed.connect(receivers.factor_removed)
        mfa.authenticator_reset.connect(receivers.factor_added)
        collect.staff_queues.append(queues.partner_applications)
        collect.staff_queues.append(queues.change_requests)
        collect.staff_queues.append(queues.erasure_requests)
        register_access(change_document_ids)
        describe(
            {
                "person.closed": Verb(_("Account closed"), "attention"),
                "person.registered": Verb(_("Account opened"), "done"),
                "customer.founded": Verb(_("Customer record opened")),
                "access.invited": Verb(_("%(person)s invited. Access: %(grade)s")),
                "access.withdrawn": Verb(_("Invitation of %(person)s taken back")),
                "access.declined": Verb(_("%(person)s has declined the invitation")),
                "access.accepted": Verb(_("%(person)s has accepted the invitation. Access: %(grade)s"), "done"),
                "access.changed": Verb(_("Access of %(person)s changed: %(grade)s")),
                "access.removed": Verb(_("Access of %(person)s taken away"), "attention"),
                "access.ended": Verb(_("Last day of the access of %(person)s is over"), "attention"),
                "access.locked": Verb(_("Account of %(person)s closed by the office"), "attention"),
                "access.left": Verb(_("%(person)s has given up the access"), "attention"),
                "consent.given": Verb(_("Agreed to data processing, version %(version)s of the text")),
                "consent.withdrawn": Verb(_("Consent to data processing withdrawn"), "attention"),
                "terms.given": Verb(_("Terms of use accepted, version %(version)s")),
                "terms.later": Verb(_("Terms of use put off, version %(version)s")),
                "marketing.objected": Verb(_("Objection to marketing made")),
                "marketing.withdrawn": Verb(_("Objection to marketing withdrawn")),
                "e_documents.given": Verb(_("Agreed to documents without paper, version %(version)s of the text")),
                "e_documents.withdrawn": Verb(_("Consent to documents without paper withdrawn")),
                "sms.given": Verb(_("Agreed to SMS, version %(version)s of the text")),
                "sms.withdrawn": Verb(_("Consent to SMS withdrawn")),
                "text.saved": Verb(_("Draft of a legal text saved: version %(version)s"), staff_only=True),
                "text.removed": Verb(_("Draft of a legal text removed: version %(version)s"), staff_only=True),
                "text.published": Verb(_("Legal text published: version %(version)s"), staff_only=True),
                "change.asked": Verb(_("Change of data %(number)s asked for")),
                "change.withdrawn": Verb(_("Change of data %(number)s taken back")),
                "change.accepted": Verb(_("Change of data %(number)s accepted"), "done"),
                "change.partly": Verb(_("Change of data %(number)s accepted in part"), "attention"),
                "change.refused": Verb(_("Change of data %(number)s refused"), "problem"),
                "export.asked": Verb(_("Copy of the data asked for")),
                "export.ready": Verb(_("Copy of the data made")),
                "erasure.asked": Verb(_("Erasure of all data asked for, request %(number)s"), "attention"),
                "erasure.withdrawn": Verb(_("Request for erasure %(number)s taken back")),
                "erasure.refused": Verb(_("Request for erasure %(number)s refused"), "problem"),
                "erasure.done": Verb(_("All data erased, request %(number)s")),
                "password.changed": Verb(_("Password changed")),
                "signin.denied": Verb(_("Reported: “This was not me”. All sessions were ended"), "attention"),
                "signin.closed": Verb(_("Account closed until the office has made sure who asks"), "attention"),
                "sessions.ended_by_office": Verb(_("Signed out everywhere by the office"), "attention"),
                "sessions.ended": Verb(_("Other sessions ended")),
                "factor.app_added": Verb(_("Authenticator app added")),
                "factor.app_removed": Verb(_("Authenticator app removed")),
                "factor.passkey_added": Verb(_("Passkey added")),
                "factor.all_removed": Verb(_("Passkeys and second factors removed by the office"), "attention"),
                "factor.passkey_removed": Verb(_("Passkey removed")),
                "recovery.made": Verb(_("Recovery codes made")),
                "email.asked": Verb(_("New e-mail address asked for")),
                "email.confirmed": Verb(_("New e-mail address confirmed")),
                "email.stopped": Verb(_("Change of the e-mail address stopped"), "attention"),
                "email.changed": Verb(_("E-mail address changed")),
                "phone.landline": Verb(_("Landline number changed")),
                "phone.confirmed": Verb(_("Mobile number confirmed")),
                "phone.removed": Verb(_("Mobile number removed")),
                "partner.applied": Verb(_("Application as a service partner sent")),
                "partner.approved": Verb(_("Application approved"), "done"),
                "partner.refused": Verb(_("Application refused"), "problem"),
                "partner.areas_changed": Verb(_("Areas served changed")),
                "team.invited": Verb(_("%(person)s invited to the team")),
                "team.withdrawn": Verb(_("Invitation of %(person)s to the team taken back")),
                "team.declined": Verb(_("%(person)s has declined the invitation to the team")),
                "team.accepted": Verb(_("%(person)s has joined the team"), "done"),
                "team.left": Verb(_("%(person)s has left the team"), "attention"),
                # From before people were asked.
                "team.added": Verb(_("%(person)s taken into the team")),
                "team.manager": Verb(_("%(person)s made a manager of the team")),
                "team.engineer": Verb(_("%(person)s made an engineer of the team")),
                "team.removed": Verb(_("%(person)s taken out of the team")),
                "staff.added": Verb(_("Account of a colleague opened"), staff_only=True),
                "staff.changed": Verb(_("Access to the portal changed"), staff_only=True),
                "access.viewed": Verb(
                    _("Our office opened the portal as you see it (until %(moment)s at the latest)"),
                    "attention",
                ),
                "access.view_ended": Verb(_("Our office no longer looks at the portal as you see it")),
                "profile.changed": Verb(_("Own contact data changed")),
            }
        )
